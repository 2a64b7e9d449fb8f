# An update of deploy/team while people talk, by the commands of docs/operations.md. deploy/try reads this file and calls check_update.
# shellcheck shell=bash disable=SC2154
people=${AGENTSTREAM_TRY_PEOPLE:-200}

# As somebody with a key, who may wait for an answer.
call() { curl --silent --fail --cacert "$work/team/secrets/tls.crt" -H "authorization: Bearer $key" "$@"; }

pause() { sleep "0.$((RANDOM % 9 + 1))"; }

# Reads the session's events to its file, one a line with the moment at which it came, and comes back after the last one that is whole.
listen() {
  local file=$work/people/$1 last
  : >"$file"
  while [[ ! -e $work/people/end ]]; do
    last=$(tail -n 1 "$file" | cut -d ' ' -f 2)
    call --no-buffer -H 'accept: text/event-stream' -H "last-event-id: $last" \
      "https://localhost:18443/api/sessions/$1/events?after=0" \
      | perl -MTime::HiRes=time -ne '
        BEGIN { $| = 1 }
        if (/^id: (.*)/) { $id = $1 } elsif (/^data: (.*)/) { $data = $1 }
        elsif (/^$/) { printf "%.3f %s %s\n", time, $id, $data if $id; $id = "" }' >>"$file"
    pause
  done
}

# Asks again as soon as there is an answer, and under the same id where it does not know whether it was heard.
talk() {
  local number=0 answer
  while [[ ! -e $work/people/enough ]]; do
    number=$((number + 1)) answer=""
    until [[ $answer == *409.5* || -e $work/people/end ]]; do
      answer=$(call --max-time 60 "https://localhost:18443/api/sessions/$1/messages?wait=true" -H 'content-type: application/json' \
        --data "{\"message\":\"What is 2340*17.5/100?\",\"message_id\":\"m$number\"}") || pause
    done
  done
  echo "$number" >"$work/people/$1.asked"
}

# Of one person's events: what was missed, repeated, begun again or not completed, and the longest pause before and after the moment $2.
seen_by() {
  awk -v asked="$(cat "$work/people/$1.asked" 2>/dev/null)" -v begun="$2" '
    function number(name) {
      return match($0, "\"" name "\":[0-9]+") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) : ""
    }
    {
      split($2, cursor, ":"); first = number("first_seq"); if (first == "") first = cursor[2]
      if (first != last + 1) wrong++
      last = cursor[2]
      if ($0 ~ /"type":"(resync|snapshot)"/) wrong++
      if ($0 ~ /"type":"run_started"/ && number("attempt") != 1) wrong++
      if ($0 ~ /"type":"run_finished"/ && $0 ~ /"status":"completed"/) finished++
      if (NR > 1) { if ($1 < begun) { if ($1 - before > quiet) quiet = $1 - before } else if ($1 - before > longest) longest = $1 - before }
      before = $1
    }
    END { if (asked == "" || finished != asked) wrong++; printf "%d %d %.1f %.1f\n", wrong, last, quiet, longest }' "$work/people/$1"
}

replace() {
  (
    cd "$work/team" || exit
    export COMPOSE_PROJECT_NAME=agentstream-try-team
    paste "$(block "## Stopping and rolling updates" 1)"
  ) >"$work/log" 2>&1
}

check_update() {
  if ! perl -MTime::HiRes -e 1 2>/dev/null; then skip update "perl is not installed"; return; fi
  update_with ""
  # What the chart sets: pods look away before they stop.
  update_with "AgentStream__Shutdown__DrainTime=00:00:$(sed -n 's/^drainSeconds: //p' "$root/deploy/helm/agentstream/values.yaml")"
}

update_with() {
  local key begun person took listeners=() talkers=() problem="" wrong events quiet longest
  rm -rf "$work/people"
  team_folder
  # All of them are one caller here, and read five words a second.
  cat >"$work/team/agentstream.env" <<END
AgentStream__Access__Keys__Enabled=true
AgentStream__Api__MaxConnectionsPerCaller=100000
AgentStream__Api__MaxMessagesPerMinute=1000000
AgentStream__Worker__MaxConcurrentRuns=128
AgentStream__Models__demo__TokensPerSecond=5
$1
END
  if ! team up --detach --wait >"$work/log" 2>&1; then fail update "$(why "$work/log")"; return; fi
  key=$(team exec -T api-1 dotnet AgentStream.Api.dll keys add try 2>"$work/log" | grep -oE 'ask_[A-Za-z0-9_-]+' | head -n 1)
  if [[ -z $key ]]; then fail update "no key: $(why "$work/log")"; return; fi

  mkdir -p "$work/people"
  for person in $(seq "$people"); do
    listen "try-update-$person" & listeners+=($!)
    talk "try-update-$person" & talkers+=($!)
  done
  sleep 20
  begun=$EPOCHREALTIME took=$SECONDS
  if ! replace; then problem=$(why "$work/log"); fi
  took=$((SECONDS - took))
  touch "$work/people/enough"
  (sleep 180; touch "$work/people/end") & local limit=$!
  wait "${talkers[@]}"
  sleep 3
  touch "$work/people/end"
  kill "$limit" 2>/dev/null
  # Their streams are open for as long as the servers are.
  team down --volumes >/dev/null 2>&1
  wait "${listeners[@]}"
  read -r wrong events quiet longest < <(for person in $(seq "$people"); do seen_by "try-update-$person" "$begun"; done | awk '
    { wrong += $1 > 0; events += $2; if ($3 > quiet) quiet = $3; if ($4 > longest) longest = $4 }
    END { printf "%d %d %.1f %.1f\n", wrong, events, quiet, longest }')
  if [[ -n $problem ]]; then
    fail update "$problem"
  elif ((wrong)); then
    fail update "$wrong of $people people missed or repeated an event, or had a run that did not end well in its first attempt"
  else
    ok update "${1:+with $1: }all replaced in $took s while $people people talked: $events events, none missed or repeated; \
longest pause $longest s (before: $quiet s)"
  fi
}
