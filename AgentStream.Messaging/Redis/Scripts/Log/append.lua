-- What a run has to say, its checkpoint and, where it ends, its end, or where it waits for people, its questions: all of it or nothing, and only under the
-- newest token. finishing is '', 'cancelled', 'finished' or 'parked'; if_cancelled the data of the end of a parked run that is cancelled.
local lease_epoch, run_id, token, sequence, refuse, finishing, has_checkpoint, checkpoint, conversation_bytes, if_cancelled = unpack(ARGV, ARGS + 1, ARGS + 10)
local EVENTS = ARGS + 11 -- triples: kind, step id (or ids; of a question: call, expiry and arguments), body

local epoch, seq, owner, indexed, run_under_way = unpack(redis.call('HMGET', META, 'epoch', 'seq', 'owner', 'indexed', 'run'))
if not epoch then
  return { 'absent' }
end
seq = tonumber(seq)
if has_lost(epoch, seq) then
  return { 'lost_entries' }
end
local run = epoch == lease_epoch and run_of(run_id)
if not run or run.token == 0 or run.token ~= tonumber(token) then
  return { 'lost' }
end

sequence = tonumber(sequence)
local cancel = run.cancel and 1 or 0
if sequence == run.sequence then
  return { 'appended', epoch, run.last, cancel, 0 }
end
if run.finished or run.parked or sequence ~= run.sequence + 1 then
  return { 'lost' }
end
if run.cancel and (refuse == '1' or (finishing ~= '' and finishing ~= 'cancelled')) then
  return { 'cancel' }
end

local wrote = #ARGV >= EVENTS
for i = EVENTS, #ARGV, 3 do
  local kind, step, body = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  seq = add_entry(seq + 1, body)
  if kind == 'delta' then
    redis.call('HSETNX', UNSETTLED, step, int(seq) .. ' open')
  elseif kind == 'step' then
    local known = redis.call('HGET', UNSETTLED, step)
    redis.call('HSET', UNSETTLED, step, (known and string.match(known, '^%d+') or int(seq)) .. ' finished')
  elseif kind == 'superseded' then
    for id in string.gmatch(step, '%S+') do
      redis.call('HDEL', UNSETTLED, id)
    end
  elseif kind == 'question' then
    local call, rest = string.match(step, '^(%S+) (.*)$')
    redis.call('HSET', APPROVALS, call, 'p ' .. int(seq) .. ' ' .. rest)
  end
end

-- A checkpoint covers all steps that were finished with it or before.
if has_checkpoint == '1' then
  redis.call('RPUSH', CHECKPOINTS, checkpoint)
  local steps = redis.call('HGETALL', UNSETTLED)
  for i = 1, #steps, 2 do
    if string.find(steps[i + 1], 'finished', 1, true) then
      redis.call('HDEL', UNSETTLED, steps[i])
    end
  end
end

run.sequence, run.last = sequence, seq
if finishing == 'parked' then
  run.parked = true
  redis.call('HSET', META, 'lease', 0, 'parked', int(now), 'if_cancelled', if_cancelled)
  redis.call('HINCRBY', META, 'releases', 1)
end
keep_run(run)

-- The list of sessions is another slot's matter; once a second is often enough to tell it.
local index = 0
if wrote and (finishing ~= '' or now - tonumber(indexed) >= 1000000) then
  index = 1
end
redis.call('HSET', META, 'seq', int(seq))
if wrote then
  redis.call('HSET', META, 'updated', int(now))
end
if index == 1 then
  redis.call('HSET', META, 'indexed', int(now))
end
local oldest_cut = 0
if finishing ~= '' and finishing ~= 'parked' then
  oldest_cut = finish_run(run, true, seq, tonumber(conversation_bytes))
end
touch()
publish_entries(epoch, seq)
local more = finishing ~= '' and redis.call('EXISTS', WAITING) or 0
return { 'appended', epoch, seq, cancel, index, now, owner, more, oldest_cut }
