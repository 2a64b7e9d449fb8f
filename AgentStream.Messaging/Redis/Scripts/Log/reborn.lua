-- The caller knows more of this life of the log than there is: data was lost.
-- What is left goes on under a new epoch; whoever had a run has lost it, which is no attempt of the run.
local new_epoch = ARGV[ARGS + 1]
local epoch, seq, run_under_way, former = unpack(redis.call('HMGET', META, 'epoch', 'seq', 'run', 'former'))
if not epoch or not has_lost(epoch, tonumber(seq)) then
  return 0
end
redis.call('HSET', META, 'epoch', new_epoch, 'history', history(), 'former', former_with(former, epoch, tonumber(seq)))
redis.call('HSETNX', META, 'claimed_in', epoch)
if run_under_way then
  local run = run_of(run_under_way)
  if run.token ~= 0 then
    forget_writer()
    run.token = 0
    keep_run(run)
    redis.call('HSET', META, 'lease', 0)
    if not run.parked then
      redis.call('HINCRBY', META, 'releases', 1)
    end
  end
  announce_work()
end
touch()
redis.call('PUBLISH', live, 'R\n')
return 1
