#!/usr/bin/env bash
# Makes podman build and run images on a Debian machine without a container daemon; root. For the test of the image.
#
# Where an image registry answers, the real python:3.12-slim is used. Where none does, a local stand-in of that name is
# made from Debian's own packages: the same distribution with Debian's Python, enough to build the image and to run it.
# Afterwards `. .freehold/containers/env` sets what podman needs.
set -euo pipefail
cd "$(dirname "$0")/.."
place=$PWD/.freehold/containers
base=docker.io/library/python:3.12-slim
mkdir -p "$place"

# a checkout may itself lie on an overlay, on which podman cannot stack another: the layers go elsewhere
store=${FREEHOLD_CONTAINER_STORE:-/var/tmp/freehold-containers}
mkdir -p "$store"

log=$place/setup.log
fail() {
    tail -n 40 "$log"
    echo "ci: $1"
    exit 1
}

echo "ci: setting podman up"
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
    podman runc crun- netavark aardvark-dns iptables mmdebstrap >"$log" 2>&1 || fail "podman could not be installed"

cat >"$place/containers.conf" <<C
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[network]
network_backend = "netavark"
C
cat >"$place/storage.conf" <<C
[storage]
driver = "overlay"
graphroot = "$store/storage"
runroot = "$store/run"
C
cat >"$place/env" <<C
export CONTAINERS_CONF="$place/containers.conf" CONTAINERS_STORAGE_CONF="$place/storage.conf" BUILDAH_RUNTIME=runc
C
# shellcheck source=/dev/null
. "$place/env"

if podman image exists "$base"; then
    exit 0
fi
if timeout 120 podman pull -q "$base" >>"$log" 2>&1; then
    echo "ci: using the registry's $base"
    exit 0
fi

echo "ci: no image registry answers; making a stand-in for $base from Debian's packages"
sources=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian*; do
    if [ -s "$file" ]; then sources+=("$file"); fi
done
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mmdebstrap --mode=root --variant=minbase --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --include=ca-certificates,python3,python3-venv "$suite" "$place/base.tar" "${sources[@]}" >>"$log" 2>&1 ||
    fail "the stand-in image could not be made"
# what this machine needs to reach its package registries is part of the stand-in, never of our Dockerfile
mkdir -p "$place/context"
cp -L /etc/ssl/certs/ca-certificates.crt "$place/context/"
cat /etc/pip.conf >"$place/context/pip.conf" 2>/dev/null || : >"$place/context/pip.conf"
podman import -q "$place/base.tar" localhost/debian-python >>"$log" 2>&1 || fail "the stand-in image could not be imported"
rm "$place/base.tar"
cat >"$place/context/Dockerfile" <<'C'
FROM localhost/debian-python
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY pip.conf /etc/pip.conf
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
RUN ln -s /usr/bin/python3 /usr/local/bin/python && ln -s /usr/bin/python3 /usr/local/bin/python3
CMD ["python3"]
C
podman build -q --network=host --pull-never --format docker -t "$base" "$place/context" >>"$log" 2>&1 ||
    fail "the stand-in image could not be built"
