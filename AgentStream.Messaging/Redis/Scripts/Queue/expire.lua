-- Says of all questions of the parked run whose time is over that nobody answered.
-- Returns when the next one expires (0: none is open), and where the session stands, if anything was said.
local expired_head, expired_middle, expired_tail = unpack(ARGV, ARGS + 1, ARGS + 3)

local epoch, seq, owner, run_under_way, kept_history =
  unpack(redis.call('HMGET', META, 'epoch', 'seq', 'owner', 'run', 'history'))
if not epoch or not run_under_way then
  return { 0 }
end
local before = tonumber(seq)
if has_lost(epoch, before) then
  return { -1 }
end
if not any_expired() then
  return { next_expiry() }
end
epoch = go_on(epoch, before, kept_history)
seq = resolve_all(before, run_under_way, expired_head, expired_middle, expired_tail, true)
local expiry = next_expiry()
redis.call('HSET', META, 'seq', int(seq), 'updated', int(now()), 'indexed', int(now()))
touch()
publish_entries(epoch, seq)
if expiry == 0 then
  announce_work()
end
return { expiry, epoch, seq, now(), owner }
