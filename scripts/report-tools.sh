#!/usr/bin/env bash
# Brings Chromium, promtool and amtool, which tests look at our reports, metrics and alerts with, from the system's packages.
#
# Exit 0: all are here. Exit 14: they cannot be had on this machine, and the last line says why.
set -uo pipefail

say() { printf 'report tools: %s\n' "$*" >&2; }
give_up() { say "$*"; exit 14; }
here() { command -v chromium >/dev/null 2>&1 && command -v promtool >/dev/null 2>&1 && command -v amtool >/dev/null 2>&1; }

if ! here; then
  [ "$(id -u)" = 0 ] || give_up "chromium, promtool or amtool is missing, and only root can install packages"
  command -v apt-get >/dev/null 2>&1 || give_up "chromium, promtool or amtool is missing, and there is no apt-get"
  say "installing chromium, prometheus and its alertmanager from the system's packages"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null 2>&1 || say "apt-get update failed; trying with the lists that are there"
  # The packages of prometheus want to start their services; only their tools are needed. One that cannot be had keeps no other away.
  problem=""
  for packages in "chromium fonts-dejavu-core" prometheus prometheus-alertmanager; do
    # shellcheck disable=SC2086 # names of packages
    said=$(apt-get install -y -qq --no-install-recommends $packages 2>&1 >/dev/null) || problem="$packages: $said"
  done
  here || give_up "chromium, prometheus or its alertmanager cannot be installed: $(printf '%s' "$problem" | tail -n 2 | tr '\n' ' ')"
fi
say "$(chromium --version 2>/dev/null), $(promtool --version 2>&1 | head -n 1), $(amtool --version 2>&1 | head -n 1)"
