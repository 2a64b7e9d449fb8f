-- Notes what a run has used on a day; said twice it counts once. KEYS: an owner's runs of that day.
-- args: run; spending; lifetime (milliseconds).
local spent = unpack(KEYS)
redis.call('HSET', spent, args.run, args.spending)
redis.call('PEXPIRE', spent, args.lifetime)
return {}
