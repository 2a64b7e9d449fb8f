-- What workers say of their agents, the latest first. KEYS: the agents.
local index = unpack(KEYS)
return { 'agents', redis.call('ZREVRANGEBYSCORE', index, '+inf', '(' .. now()) }
