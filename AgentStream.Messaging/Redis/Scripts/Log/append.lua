-- What a run has to say, its checkpoint and, where it ends, its end, or where it waits for people, its questions:
-- all of it or nothing, and only under the newest token. finishing is '', 'cancelled', 'finished' or 'parked';
-- if_cancelled the data of the end of a parked run that is cancelled; index is '1' where the list of sessions shall be told.
-- Deltas of the step that was written last cost four commands: HMGET, XADD, HSET, PUBLISH.
-- Nothing here asks for the time then, or sets an expiry.
local lease_epoch, run_id, token, sequence, refuse, finishing, has_checkpoint, checkpoint, conversation_bytes, if_cancelled, index,
  heard_history = unpack(ARGV, ARGS + 1, ARGS + 12)
local EVENTS = ARGS + 13 -- triples: kind, step id (or ids; of a question: call, expiry and arguments), body

local epoch, seq, owner, run_under_way, newest, writer_field, open_step, expires, claimed_in, kept_history =
  unpack(redis.call('HMGET', META, 'epoch', 'seq', 'owner', 'run', 'token', 'writer', 'step', 'expires', 'claimed_in', 'history'))
if not epoch then
  return { 'absent' }
end
seq = tonumber(seq)
if has_lost(epoch, seq) then
  return { 'lost_entries' }
end
read_writer(writer_field)
token, sequence = tonumber(token), tonumber(sequence)

-- The session's newest token is checked beside the run's own: a version that keeps no writer may have claimed the run since.
local is_of_claim = (claimed_in or epoch) == lease_epoch
local writer = is_of_claim and run_under_way == run_id and tonumber(newest) == token and writer_of(run_id, token)
local run
if writer and finishing == '' then
  run = {
    id = run_id, token = token, sequence = writer.sequence, last = writer.last, replaced = string.find(writer.flags, 'r') ~= nil,
    cancel = string.find(writer.flags, 'c') ~= nil, parked = string.find(writer.flags, 'p') ~= nil,
  }
else
  run = is_of_claim and run_of(run_id)
end
if not run or run.token == 0 or run.token ~= token then
  return { 'lost' }
end

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

-- Whoever has had its connection since it heard of the history need not ask for it again.
if not kept_history or kept_history ~= heard_history then
  epoch = go_on(epoch, seq, kept_history)
  kept_history = history()
end
local wrote = #ARGV >= EVENTS
local written_step = open_step
local made = {}
for i = EVENTS, #ARGV, 3 do
  local kind, step, body = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  seq = add_entry(seq + 1, body)
  if kind == 'delta' then
    -- Further deltas of a step add nothing to what is known of it, unless it was finished, superseded or covered meanwhile.
    if step ~= written_step then
      redis.call('HSETNX', UNSETTLED, step, int(seq) .. ' open')
      written_step, made[UNSETTLED] = step, true
    end
  elseif kind == 'step' then
    local known = redis.call('HGET', UNSETTLED, step)
    redis.call('HSET', UNSETTLED, step, (known and string.match(known, '^%d+') or int(seq)) .. ' finished')
    written_step, made[UNSETTLED] = '', true
  elseif kind == 'superseded' then
    written_step = ''
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
  written_step, made[CHECKPOINTS] = '', true
  local steps = redis.call('HGETALL', UNSETTLED)
  for i = 1, #steps, 2 do
    if string.find(steps[i + 1], 'finished', 1, true) then
      redis.call('HDEL', UNSETTLED, steps[i])
    end
  end
end

run.sequence, run.last = sequence, seq
local fields = { 'seq', int(seq) }
local function set(name, value)
  fields[#fields + 1], fields[#fields + 2] = name, value
end
if written_step ~= open_step then
  set('step', written_step)
end
if index == '1' and wrote then
  set('updated', int(now()))
  set('indexed', int(now()))
else
  index = '0'
end
if writer and finishing == '' then
  set('writer', writer_text(run))
else
  if finishing == 'parked' then
    run.parked = true
    set('lease', 0)
    set('parked', int(now()))
    set('if_cancelled', if_cancelled)
    redis.call('HINCRBY', META, 'releases', 1)
  end
  keep_run(run)
end
redis.call('HSET', META, unpack(fields))

local oldest_cut, more = 0, 0
if finishing ~= '' then
  if finishing ~= 'parked' then
    oldest_cut = finish_run(run, true, seq, tonumber(conversation_bytes))
  end
  touch()
  more = redis.call('EXISTS', WAITING)
else
  for key in pairs(made) do
    redis.call('PEXPIREAT', key, expires)
  end
end
publish_entries(epoch, seq)
return { 'appended', epoch, seq, cancel, tonumber(index), index == '1' and now() or 0, owner, more, oldest_cut, kept_history }
