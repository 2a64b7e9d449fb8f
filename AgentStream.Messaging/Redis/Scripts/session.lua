-- Stands before the scripts that decisions need. Keys go by the last part of their names; formats: RedisKeys.cs.
local key = {}
for _, full in ipairs(KEYS) do
  key[string.match(full, '[^:]*$')] = full
end

-- What there is of a session, for whoever decides: all that is small, and the runs that the arguments name.
local function found(status)
  local reply = {
    'status', status, 'clock', clock(), 'history', history(), 'meta', redis.call('HGETALL', key.meta),
  }
  local function tell(title, value)
    if value then
      reply[#reply + 1] = title
      reply[#reply + 1] = value
    end
  end
  local run = args.message and redis.call('HGET', key.messages, args.message)
  tell('of_message', run and redis.call('HGET', key.runs, run))
  tell('of_run', args.run and redis.call('HGET', key.runs, args.run))
  tell('replaced', args.replaced and redis.call('HGET', key.runs, args.replaced))
  tell('gone', key.gone and redis.call('GET', key.gone))
  return reply
end
