-- Puts a text in the place of the one that was read, if nobody else has. KEYS: the text.
-- args: expect, what was read (empty: there was none); value, the new one; lifetime (milliseconds).
local text = unpack(KEYS)
if (redis.call('GET', text) or '') ~= args.expect then
  return { 'status', 'conflict' }
end
redis.call('SET', text, args.value, 'PX', args.lifetime)
return { 'status', 'swapped' }
