-- Ends a run that waits, for its turn or for people; of one under way it is noted, for the worker that has it or the next that claims it.
local run_id, request_head, request_tail, finished_head, finished_tail, conversation_bytes, resolved_head, resolved_middle, resolved_tail =
  unpack(ARGV, ARGS + 1, ARGS + 9)

local epoch, seq, owner, run_under_way, kept_history =
  unpack(redis.call('HMGET', META, 'epoch', 'seq', 'owner', 'run', 'history'))
if not epoch then
  return { 'absent' }
end
seq = tonumber(seq)
if has_lost(epoch, seq) then
  return { 'lost_entries' }
end
if run_id == '' then
  run_id = run_under_way or redis.call('LINDEX', WAITING, 0) or ''
end
local run = run_of(run_id)
if not run then
  return { 'unknown' }
end
if run.finished then
  return { 'finished', run_id }
end

local started = run_under_way == run_id
if started and run.cancel then
  announce_cancel(run_id)
  return { 'requested', run_id }
end

epoch = go_on(epoch, seq, kept_history)
local oldest_cut = 0
if run.parked then
  seq = say_end_of_parked(seq, run_id, resolved_head, resolved_middle, resolved_tail, finished_head, finished_tail)
  oldest_cut = finish_run(run, true, seq, tonumber(conversation_bytes))
  started = false
elseif started then
  seq = add_entry(seq + 1, request_head .. run_id .. request_tail)
  run.cancel = true
  keep_run(run)
else
  seq = add_entry(seq + 1, finished_head .. run_id .. finished_tail)
  oldest_cut = finish_run(run, false, seq, tonumber(conversation_bytes))
end
redis.call('HSET', META, 'seq', int(seq), 'updated', int(now()), 'indexed', int(now()))
touch()
publish_entries(epoch, seq)
if started then
  announce_cancel(run_id)
end
return { started and 'requested' or 'cancelled', run_id, epoch, seq, now(), owner, oldest_cut, redis.call('EXISTS', WAITING) }
