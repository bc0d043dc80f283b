#!/usr/bin/env bash
# Records a guided run in a real 80-column terminal (tmux) against `demo --serve`, and draws docs/guided-run.svg from it.
# Needs tmux. Run it after a change of what `init` shows: scripts/record.sh
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
sandbox=
terminal() { tmux -S "$work/terminal" -f /dev/null "$@"; }
finish() {
  terminal kill-server 2>/dev/null || true
  [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

screen() { terminal capture-pane -p -t run -S - "$@"; }
type_in() { terminal send-keys -t run -l "$1"; }
press() { terminal send-keys -t run "$@"; }

# Waits for a text on the screen, at most 30 seconds.
await() {
  for _ in $(seq 150); do
    if screen | grep -qF -- "$1"; then return; fi
    sleep 0.2
  done
  echo "never seen: $1" >&2
  screen >&2
  return 1
}

# Waits until the shell asks for the next command.
settled() {
  for _ in $(seq 50); do
    if [ "$(screen | sed '/^$/d' | tail -n 1)" = '$' ]; then return; fi
    sleep 0.2
  done
  return 1
}

node scripts/build.js
node bin/eso-bootstrap.js demo --serve >"$work/sandbox" &
sandbox=$!
for _ in $(seq 100); do
  if grep -q '^ready$' "$work/sandbox"; then break; fi
  sleep 0.1
done
eval "$(grep '^export ' "$work/sandbox")"

# Only the kubeconfig is handed on: everything else is for the prompts to ask.
terminal new-session -d -s run -x 80 -y 50 \
  "env -i PATH='$PATH' HOME='$(dirname "$ESO_BOOTSTRAP_REPO")' TERM=xterm-256color LANG=C.UTF-8 PS1='\$ ' KUBECONFIG='$KUBECONFIG' \
  GIT_CONFIG_GLOBAL=/dev/null bash --norc --noprofile"
type_in "eso-bootstrap() { node '$PWD/bin/eso-bootstrap.js' \"\$@\"; }; cd '$ESO_BOOTSTRAP_REPO'; clear"
press Enter
settled
terminal clear-history -t run

type_in 'eso-bootstrap init'
press Enter
await 'Credentials file:'
type_in '../1password-credentials.json'
press Enter
await 'Connect access token:'
type_in "$(cat "$ESO_BOOTSTRAP_TOKEN")"
press Enter
await 'Vaults:'
press Enter
await 'Vault:'
type_in 'catalyst-eso'
press Enter
await 'Changed files:'
press Enter
await 'Proof:'
type_in 'my-app-credentials/api-key'
press Enter
await 'Apply these'
press y Enter
await 'The same, unattended:'
settled

# Without the prompt that comes back at the end, and the empty rest of the screen.
screen -e | sed -e 's/[[:space:]]*$//' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' | sed '$d' >docs/guided-run.ansi
node scripts/picture.js docs/guided-run.ansi docs/guided-run.svg
