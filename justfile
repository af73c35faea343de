# Short names for what CONTRIBUTING.md describes; `just` lists them. Nothing here is needed to run or check Freehold.

default:
    @just --list

# run the product from this checkout
start *arguments:
    ./start {{arguments}}

# every check and test
check *arguments:
    ./check {{arguments}}

# chosen tests:  just test tests/chat -k stream
test *arguments:
    .venv/bin/pytest {{arguments}}

# the web app with hot reload against a running ./start
web:
    cd web && PATH="$PWD/../.freehold/node/bin:$PATH" npm run dev

# format and mend what can be mended by itself
fix:
    .venv/bin/ruff check --fix
    .venv/bin/ruff format
    cd web && PATH="$PWD/../.freehold/node/bin:$PATH" npm run fix

# wheel and sdist into dist/
package:
    .freehold/uv/bin/uv build

# the container image
image tag="freehold":
    docker build -f deploy/Dockerfile -t {{tag}} .
