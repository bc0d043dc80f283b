#!/usr/bin/env bash
# Records what `status` and `doctor` show, healthy and broken, in a real 80-column terminal (tmux) against `demo --serve`, and draws
# docs/screens/*.svg; and the same without colours as text. Needs tmux. Run it after a change of what they show: scripts/record-screens.sh
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

work=$(mktemp -d)
sandbox=
terminal() { tmux -S "$work/terminal" -f /dev/null "$@"; }
finish() {
  terminal kill-server 2>/dev/null || true
  [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
mkdir -p docs/screens "$work/bin"
printf '#!/bin/sh\nexec node %s/bin/eso-bootstrap.js "$@"\n' "$root" >"$work/bin/eso-bootstrap"
chmod +x "$work/bin/eso-bootstrap"

# capture <file> <option of capture-pane> <command>
capture() {
  local command=${3/#status/eso-bootstrap status}
  command=${command/#doctor/eso-bootstrap doctor}
  terminal send-keys -t run -l "clear; $command; echo fini\"\"shed"
  terminal send-keys -t run Enter
  sleep 0.5
  until terminal capture-pane -p -t run | grep -q '^finished'; do sleep 0.2; done
  { printf '$ %s\n' "$command"; terminal capture-pane "$2" -p -t run | sed '/finished$/,$d'; } >"$1"
  # Where it was recorded is nobody's business, and differs each time.
  sed -i -E 's#(/tmp|~)/[A-Za-z0-9./_-]*repository#~/homelab#g; s#https://127\.0\.0\.1:[0-9]+#https://10.0.0.5:6443#g; s# at [0-9a-f]{8}# at 0a1b2c3d#g' "$1"
}

# record <scenario> <name> <arguments>...
record() {
  local scenario=$1 name=$2
  shift 2
  node bin/eso-bootstrap.js demo --serve --scenario "$scenario" >"$work/env" 2>/dev/null &
  sandbox=$!
  until grep -q '^ready$' "$work/env"; do sleep 0.1; done
  cat >"$work/rc" <<RC
$(grep '^export KUBECONFIG\|^export ESO_BOOTSTRAP_REPO' "$work/env")
cd "\$ESO_BOOTSTRAP_REPO"; unset ESO_BOOTSTRAP_REPO
export PATH=$work/bin:\$PATH PS1='\$ '
RC
  sleep 2
  terminal new-session -d -s run -x 80 -y 60 "HOME=$work bash --rcfile $work/rc --noprofile -i"
  sleep 1
  capture "$work/$name.ansi" -e "$*"
  capture "docs/screens/$name.txt" -J "NO_COLOR=1 eso-bootstrap $*"
  node scripts/picture.js "$work/$name.ansi" "docs/screens/$name.svg"
  terminal kill-server
  kill "$sandbox"
  wait "$sandbox" 2>/dev/null || true
  sandbox=
}

record set-up status-healthy status
record other-server-token status-broken status
record set-up doctor-healthy doctor
record wrong-encoding doctor-broken doctor
