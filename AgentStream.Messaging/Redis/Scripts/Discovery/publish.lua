-- Says for a while which agents a worker has. KEYS: the agents.
-- args: lifetime, how long it holds in microseconds; worker, how all that this worker says begins; agents, the worker and its agents.
local index = unpack(KEYS)
for _, word in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  if string.sub(word, 1, #args.worker) == args.worker then
    redis.call('ZREM', index, word)
  end
end
redis.call('ZADD', index, int(now() + args.lifetime), args.agents)
redis.call('ZREMRANGEBYSCORE', index, '-inf', now())
redis.call('PEXPIRE', index, int(args.lifetime / 1000))
return {}
