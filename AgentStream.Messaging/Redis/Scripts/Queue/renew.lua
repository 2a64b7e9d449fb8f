-- Makes a lease last from now on.
local lease_epoch, run_id, token, lease = unpack(ARGV, ARGS + 1, ARGS + 4)
local epoch, run_under_way, claimed_in = unpack(redis.call('HMGET', META, 'epoch', 'run', 'claimed_in'))
if not epoch or (claimed_in or epoch) ~= lease_epoch or run_under_way ~= run_id then
  return { 0, 0 }
end
local run = run_of(run_id)
if run.parked or run.token ~= tonumber(token) then
  return { 0, 0 }
end
write_though_full()
redis.call('HSET', META, 'lease', int(now() + tonumber(lease)))
touch(true)
return { 1, run.cancel and 1 or 0 }
