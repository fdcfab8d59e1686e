#!/usr/bin/env bash
# Brings Chromium and promtool, which tests look at our reports with, from the system's packages.
#
# Exit 0: both are here. Exit 14: they cannot be had on this machine, and the last line says why.
set -uo pipefail

say() { printf 'report tools: %s\n' "$*" >&2; }
give_up() { say "$*"; exit 14; }
here() { command -v chromium >/dev/null 2>&1 && command -v promtool >/dev/null 2>&1; }

if ! here; then
  [ "$(id -u)" = 0 ] || give_up "chromium or promtool is missing, and only root can install packages"
  command -v apt-get >/dev/null 2>&1 || give_up "chromium or promtool is missing, and there is no apt-get"
  say "installing chromium and prometheus from the system's packages"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null 2>&1 || say "apt-get update failed; trying with the lists that are there"
  # The package of prometheus wants to start its service; only promtool is needed of it.
  problem=$(apt-get install -y -qq --no-install-recommends chromium prometheus fonts-dejavu-core 2>&1 >/dev/null) || true
  here || give_up "chromium or prometheus cannot be installed: $(printf '%s' "$problem" | tail -n 2 | tr '\n' ' ')"
fi
say "$(chromium --version 2>/dev/null), $(promtool --version 2>&1 | head -n 1)"
