-- A worker hands its run back: it can be claimed at once, and this claim does not count as an attempt. With quiet set nobody is called.
local lease_epoch, run_id, token, quiet = unpack(ARGV, ARGS + 1, ARGS + 4)
local epoch, run_under_way, claimed_in = unpack(redis.call('HMGET', META, 'epoch', 'run', 'claimed_in'))
if not epoch or (claimed_in or epoch) ~= lease_epoch or run_under_way ~= run_id then
  return 0
end
local run = run_of(run_id)
if run.parked or run.token ~= tonumber(token) then
  return 0
end
write_though_full()
redis.call('HSET', META, 'lease', 0)
redis.call('HINCRBY', META, 'releases', 1)
forget_writer()
run.token = 0
keep_run(run)
touch()
if quiet ~= '1' then
  announce_work()
end
return 1
