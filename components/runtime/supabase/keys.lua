-- Looks at the key of a request and puts the token in its place that the parts understand. Who may take a route stands in
-- the route's own metadata; the table KEYS is written before this text: key = { token = ..., role = ... }.

local function query_key(path)
  return string.match(path, "[?&]apikey=([^&#]*)")
end

-- Plain replacement: a key has characters that mean something in a pattern.
local function replace_query_key(path, key, token)
  local from, to = string.find(path, "apikey=" .. key, 1, true)
  if from == nil then return path end
  return string.sub(path, 1, from - 1) .. "apikey=" .. token .. string.sub(path, to + 1)
end

local function is_person(authorization)
  return authorization ~= nil
    and string.sub(authorization, 1, 7) == "Bearer "
    and string.sub(authorization, 8, 10) ~= "sb_"
end

local function refuse(handle, status, message)
  handle:respond(
    { [":status"] = status, ["content-type"] = "application/json" },
    '{"message":"' .. message .. '"}'
  )
end

function envoy_on_request(handle)
  local access = handle:metadata():get("access")
  if access == "blocked" then return refuse(handle, "403", "This address is for the inside only.") end
  if access == "password" then return end

  local headers = handle:headers()
  local path = headers:get(":path")
  local authorization = headers:get("authorization")
  local given = headers:get("apikey") or query_key(path)
  if given == nil and authorization ~= nil and not is_person(authorization) then
    given = string.sub(authorization, 8)
  end
  local key = given and KEYS[given]

  if access == "key" and not key then return refuse(handle, "401", "No API key was given, or none that is valid.") end
  if access == "admin" and not (key and key.role == "service_role") then
    return refuse(handle, "401", "This address needs the secret key.")
  end
  if not key then return end

  headers:replace("apikey", key.token)
  headers:replace("x-api-key", key.token)
  headers:replace(":path", replace_query_key(path, given, key.token))
  if not is_person(authorization) then headers:replace("authorization", "Bearer " .. key.token) end
end
