-- Answers a question of the parked run: the first answer counts. What has expired is said first.
-- With arguments of its own, or refused, the answer's body is whole (in head);
-- otherwise what was asked for goes between head and tail, and bare is the body where nothing was asked for.
local run_id, call, whole, head, tail, bare, expired_head, expired_middle, expired_tail = unpack(ARGV, ARGS + 1, ARGS + 9)

local epoch, seq, owner, run_under_way, kept_history =
  unpack(redis.call('HMGET', META, 'epoch', 'seq', 'owner', 'run', 'history'))
if not epoch then
  return { 'absent' }
end
local before = tonumber(seq)
if has_lost(epoch, before) then
  return { 'lost_entries' }
end
if run_under_way ~= run_id or redis.call('HEXISTS', APPROVALS, call) == 0 then
  return { 'unknown' }
end

epoch = go_on(epoch, before, kept_history)
seq = resolve_all(before, run_id, expired_head, expired_middle, expired_tail, true)
local asked
for _, approval in ipairs(approvals()) do
  if approval.id == call then
    asked = approval
  end
end
local status = 'resolved'
if asked.open then
  status = 'accepted'
  seq = resolve(seq, asked, whole == '1' and head or asked.arguments == '' and bare or head .. asked.arguments .. tail)
end
if seq > before then
  redis.call('HSET', META, 'seq', int(seq), 'updated', int(now()), 'indexed', int(now()))
  touch()
  publish_entries(epoch, seq)
  if next_expiry() == 0 then
    announce_work()
  end
end
return { status, asked.data, epoch, seq, now(), owner, seq > before and 1 or 0 }
