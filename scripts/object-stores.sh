#!/usr/bin/env bash
# Brings an object store that the tests of vaults on S3 start (fixtures/object-stores): the gateway of Ceph, from the
# system's packages. moto, the second one, runs where the machine's Python has it.
#
# Exit 0: the gateway is here. Exit 14: it cannot be had on this machine, and the last line says why.
set -uo pipefail

say() { printf 'object stores: %s\n' "$*" >&2; }
give_up() { say "$*"; exit 14; }
here() {
  local tool
  for tool in radosgw radosgw-admin ceph ceph-mon ceph-mgr ceph-osd monmaptool; do
    command -v "$tool" >/dev/null 2>&1 || return 1
  done
}

if ! here; then
  [ "$(id -u)" = 0 ] || give_up "radosgw is missing, and only root can install packages"
  command -v apt-get >/dev/null 2>&1 || give_up "radosgw is missing, and there is no apt-get"
  say "installing radosgw and the parts of ceph below it from the system's packages"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null 2>&1 || say "apt-get update failed; trying with the lists that are there"
  # Its services are not started: the tests start their own processes.
  problem=$(apt-get install -y -qq --no-install-recommends radosgw ceph-mon ceph-mgr ceph-osd ceph-common 2>&1 >/dev/null) || true
  here || give_up "they cannot be installed: $(printf '%s' "$problem" | tail -n 2 | tr '\n' ' ')"
fi
say "$(radosgw --version)"
