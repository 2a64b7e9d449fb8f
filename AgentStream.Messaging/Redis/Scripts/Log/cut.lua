-- Up to where the log can be folded now: an end of a run that left the replay window, before the first entry of all runs that are not over.
local window = tonumber(ARGV[ARGS + 1])
local epoch, trimmed, run_under_way = unpack(redis.call('HMGET', META, 'epoch', 'trimmed', 'run'))
if not epoch then
  return false
end
local unfinished = redis.call('LRANGE', WAITING, 0, -1)
if run_under_way then
  unfinished[#unfinished + 1] = run_under_way
end
local first = math.huge
for _, id in ipairs(unfinished) do
  first = math.min(first, run_of(id).seq)
end

local through, next_look = 0, 0
for _, cut in ipairs(redis.call('LRANGE', CUTS, 0, -1)) do
  local seq, at = string.match(cut, '^(%d+) (%d+)$')
  seq, at = tonumber(seq), tonumber(at)
  if seq < first and at + window <= now() then
    through = seq
  elseif next_look == 0 then
    -- Due already: an unfinished run is in the way, whose end asks for a look of its own.
    next_look = at + window > now() and at + window or now() + 5000000
  end
end
return { epoch, tonumber(trimmed), through, next_look }
