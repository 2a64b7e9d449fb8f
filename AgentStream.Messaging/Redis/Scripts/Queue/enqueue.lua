-- Takes a message: run_queued goes into the log, its run into the queue. The session comes into being with its first message.
local fresh_epoch, fresh_history, owner, title, run_id, message_id, fingerprint, request, message_bytes, on_busy, max_queued, replaces =
  unpack(ARGV, ARGS + 1, ARGS + 12)
-- Bodies with a hole, because the position and the run under way are known here only.
local queued_head, queued_tail, cancel_head, cancel_tail = unpack(ARGV, ARGS + 13, ARGS + 16)
local finished_head, finished_tail, resolved_head, resolved_middle, resolved_tail = unpack(ARGV, ARGS + 17, ARGS + 21)
local conversation_bytes = ARGV[ARGS + 22]

local epoch, seq, run_under_way, kept_owner, kept_history =
  unpack(redis.call('HMGET', META, 'epoch', 'seq', 'run', 'owner', 'history'))
if not epoch then
  -- Named in another history, it may be the name of a session that was lost with it.
  if fresh_epoch == '' or fresh_history ~= history() then
    return { 'absent' }
  end
  if redis.call('GET', GONE) == fresh_epoch then
    return { 'gone' }
  end
end

seq = tonumber(seq or '0')
if epoch and has_lost(epoch, seq) then
  return { 'lost_entries' }
end

if kept_owner and kept_owner ~= owner then
  return { 'not_owner' }
end
local found = find_message(message_id, fingerprint)
if found then
  return found
end
if redis.call('HEXISTS', RUNS, run_id) == 1 then
  return { 'run_known' }
end

local first = replaces ~= '' and run_of(replaces)
if replaces ~= '' and not first then
  return { 'unknown_replaced' }
end

local waiting = redis.call('LLEN', WAITING)
if on_busy == 'reject' and (run_under_way or waiting > 0) then
  return { 'busy' }
end
if waiting >= tonumber(max_queued) then
  return { 'full' }
end

if not epoch then
  epoch, kept_owner = fresh_epoch, owner
  redis.call('HSET', META, 'epoch', epoch, 'history', fresh_history, 'seq', 0, 'trimmed', 0, 'owner', owner, 'created', int(now()),
    'token', 0, 'messages', 0, 'unfinished', 0)
else
  epoch = go_on(epoch, seq, kept_history)
end

local interrupts = on_busy == 'interrupt'
local under_way = run_under_way and run_of(run_under_way)
local interrupted = ''
local ends = interrupts and under_way and under_way.parked
if ends then
  seq = say_end_of_parked(seq, under_way.id, resolved_head, resolved_middle, resolved_tail, finished_head, finished_tail)
elseif interrupts and under_way and not under_way.cancel then
  seq = add_entry(seq + 1, cancel_head .. under_way.id .. cancel_tail)
  under_way.cancel = true
  keep_run(under_way)
  interrupted = under_way.id
end

local position = (under_way and not ends and 1 or 0) + (interrupts and 0 or waiting)
seq = add_entry(seq + 1, queued_head .. position .. queued_tail)

-- The replaced run and all that were queued after it leave the conversation.
if first then
  for _, id in ipairs(redis.call('HKEYS', RUNS)) do
    local run = run_of(id)
    if run.seq >= first.seq and not run.replaced then
      run.replaced = true
      keep_run(run)
    end
  end
  for _, turn in ipairs(redis.call('LRANGE', TURNS, 0, -1)) do
    local id, size = string.match(turn, '^(%S+) (%d+)$')
    if run_of(id).replaced then
      redis.call('LREM', TURNS, 1, turn)
      redis.call('HDEL', TURN_DATA, id)
      redis.call('HINCRBY', META, 'turn_bytes', '-' .. size)
    end
  end
end

if ends then
  -- No cut between its end and the message that ended it: the other home writes both as one, and that message's end is a place as good.
  finish_run(run_of(under_way.id), true, seq - 1, tonumber(conversation_bytes), true)
end

keep_run({ id = run_id, seq = seq, token = 0, sequence = 0, last = 0, bytes = tonumber(message_bytes) })
redis.call('HSET', MESSAGES, message_id, fingerprint .. ' ' .. run_id)
redis.call('HSET', REQUESTS, run_id, request)
redis.call(interrupts and 'LPUSH' or 'RPUSH', WAITING, run_id)
redis.call('HSETNX', META, 'title', title)
redis.call('HSET', META, 'seq', int(seq), 'updated', int(now()), 'indexed', int(now()))
redis.call('HINCRBY', META, 'messages', 1)
redis.call('HINCRBY', META, 'unfinished', 1)
touch()
publish_entries(epoch, seq)
if interrupted ~= '' then
  announce_cancel(interrupted)
end
announce_work()
return { 'accepted', epoch, seq, now(), kept_owner }
