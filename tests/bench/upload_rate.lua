-- What wrk sends for upload_rate.py. Arguments: kind (create, head or patch), a file with "Name: value" lines of each
-- user's headers, users apart by an empty line, and one with "USER PATH" lines of uploads. Each thread takes its share.
local threads = 0

function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

local kind
local users, uploads = {}, {}
local turn = 0

local function read_users(path)
	local headers = {}
	for line in io.lines(path) do
		if line == "" then
			users[#users + 1] = headers
			headers = {}
		else
			local name, value = line:match("^(.-): (.*)$")
			headers[name] = value
		end
	end
end

function init(arguments)
	kind = arguments[1]
	read_users(arguments[2])
	local line_number = 0
	for line in io.lines(arguments[3]) do
		line_number = line_number + 1
		if line_number % 2 == number then
			local user, path = line:match("^(%d+) (.*)$")
			uploads[#uploads + 1] = { headers = users[tonumber(user) + 1], path = path, offset = 0 }
		end
	end
end

local function with(headers, more)
	local all = { ["Tus-Resumable"] = "1.0.0" }
	for name, value in pairs(headers) do all[name] = value end
	for name, value in pairs(more) do all[name] = value end
	return all
end

local piece = string.rep("x", 1000)

function request()
	turn = turn + 1
	if kind == "create" then
		return wrk.format("POST", "/uploads", with(users[turn % #users + 1], { ["Upload-Length"] = "1000000" }), "")
	end
	local upload = uploads[turn % #uploads + 1]
	if kind == "head" then
		-- wrk waits for the body of an answer to HEAD: so by the override, which leads to the same place
		return wrk.format("POST", upload.path, with(upload.headers, { ["X-HTTP-Method-Override"] = "HEAD" }), "")
	end
	local headers = with(upload.headers, {
		["Upload-Offset"] = tostring(upload.offset),
		["Content-Type"] = "application/offset+octet-stream",
	})
	upload.offset = upload.offset + #piece
	return wrk.format("PATCH", upload.path, headers, piece)
end

local bad = {}

function response(status)
	if status >= 300 then bad[status] = (bad[status] or 0) + 1 end
end

function done(summary)
	io.write(string.format("RESULT %d %d %d\n", summary.requests, summary.duration,
		summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
