# Backups by the commands of docs/operations.md, as they stand there. deploy/try reads this file and calls check_backup.
# shellcheck shell=bash disable=SC2154

# Pastes a block into the folder of the compose files, whose project has a name of its own here.
# Who makes the copy may be the only one who can read it.
paste_block() {
  local project=$1
  (
    cd "$work/compose" || exit
    export COMPOSE_PROJECT_NAME=$project COMPOSE_ENV_FILES=/dev/null API_PORT=18000 WEB_PORT=17860
    umask 077
    paste "$(block "$2" "$3" | sed "s/agentstream-standalone_/${project}_/")"
  ) >>"$work/log" 2>&1
}

# The events of a session after a cursor, as long as they come without a pause.
events() { curl --silent --no-buffer --max-time 3 -H 'accept: text/event-stream' -H "last-event-id: $2" "$(events_of "$1")"; }
events_of() { echo "http://localhost:18000/api/sessions/$1/events?after=0"; }
cursor_of() { curl --silent --no-buffer --max-time 3 -H 'accept: text/event-stream' "$(events_of "$1")" | sed -n 's/^id: //p' | tail -n 1; }

# Talks, has a copy made, talks on, goes back to the copy, and sees what becomes of who had read less than it has, and more.
goes_back() {
  local session=$1 project=$2 section=$3 make=$4 restore=$5 early late
  ask "$session" >/dev/null
  early=$(cursor_of "$session")
  if ! paste_block "$project" "$section" "$make"; then problem="making the copy: $(why "$work/log")"; return 1; fi
  within 60 curl --silent --fail --output /dev/null http://localhost:18000/health
  ask "$session" >/dev/null
  late=$(cursor_of "$session")
  if ! paste_block "$project" "$section" "$restore"; then problem="going back to it: $(why "$work/log")"; return 1; fi
  within 60 curl --silent --fail --output /dev/null http://localhost:18000/health
  if ! answered "$session"; then problem="the session is not in the copy"; return 1; fi

  # Until the log is longer than it ever was.
  ask "$session" >/dev/null
  ask "$session" >/dev/null
  if [[ -z $early || -z $late || $early == "$late" ]]; then problem="cursors '$early' and '$late'"; return 1; fi
  if [[ $(events "$session" "$early") != *'"resumed":true'* ]]; then problem="resync for who had read no more"; return 1; fi
  if [[ $(events "$session" "$late") != *"event: resync"* ]]; then problem="no resync for who had read more"; return 1; fi
}

check_backup() {
  local problem=""
  mkdir -p "$work/compose"
  sed "s|context: \.\.|context: $root|" "$root/deploy/compose.yaml" >"$work/compose/compose.yaml"
  sed "s|context: \.\.|context: $root|" "$root/deploy/standalone.yaml" >"$work/compose/standalone.yaml"
  : >"$work/log"
  one up --detach --wait >>"$work/log" 2>&1
  goes_back try-backup agentstream-try "### Of Redis" 1 2 || problem="Redis: $problem"
  one down --volumes >/dev/null 2>&1
  if [[ -z $problem ]]; then
    alone up --detach --wait >>"$work/log" 2>&1
    goes_back try-backup agentstream-try-alone "### Of Standalone" 3 4 || problem="Standalone: $problem"
    alone down --volumes >/dev/null 2>&1
  fi
  if [[ -n $problem ]]; then fail backup "$problem"; return; fi
  ok backup "Redis and Standalone copied and brought back by the page's commands; who had read more than the copy has begins anew"
}
