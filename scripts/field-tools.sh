#!/usr/bin/env bash
# Brings what the scripts of fixtures/field-systems call, and shellcheck, which reads every script, from the system's
# packages.
#
# Exit 0: all are here. Exit 14: they cannot be had on this machine, and the last line says why.
set -uo pipefail

say() { printf 'field tools: %s\n' "$*" >&2; }
give_up() { say "$*"; exit 14; }
here() {
  local tool
  for tool in redis-cli restic gpg python3 shellcheck; do command -v "$tool" >/dev/null 2>&1 || return 1; done
}

if ! here; then
  [ "$(id -u)" = 0 ] || give_up "redis-cli, restic, gpg, python3 or shellcheck is missing, and only root can install packages"
  command -v apt-get >/dev/null 2>&1 || give_up "redis-cli, restic, gpg, python3 or shellcheck is missing, and there is no apt-get"
  say "installing redis-tools, restic, gnupg, python3 and shellcheck from the system's packages"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null 2>&1 || say "apt-get update failed; trying with the lists that are there"
  problem=$(apt-get install -y -qq --no-install-recommends redis-tools restic gnupg python3 shellcheck 2>&1 >/dev/null) || true
  here || give_up "they cannot be installed: $(printf '%s' "$problem" | tail -n 2 | tr '\n' ' ')"
fi
say "$(redis-cli --version), $(restic version)"
