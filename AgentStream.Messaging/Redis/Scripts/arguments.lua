-- Stands before every script. Arguments come as name, value, name, value …:
-- a name of one word goes into args, each frame into frames, and a name of several words is a change to a session (commit.lua).
local args, frames, changes = {}, {}, {}
local name
for _, text in ipairs(ARGV) do
  if not name then
    name = text
  else
    if name == 'frame' then
      frames[#frames + 1] = text
    elseif string.find(name, ' ', 1, true) then
      changes[#changes + 1] = { name = name, value = text }
    else
      args[name] = text
    end
    name = nil
  end
end

local function int(number)
  return string.format('%.0f', number)
end

-- Microseconds by this server's clock, which is one for all processes.
local function clock()
  local seconds, micros = unpack(redis.call('TIME'))
  return int(seconds * 1000000 + micros)
end

-- The same, unless a test brings a clock of its own.
local function now()
  return args.now or clock()
end
