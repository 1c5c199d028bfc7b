# The programs: where they listen, as whom they run, how many of them.

# socket name | program | user | processes | arguments
fastcgi_table="
oauth_start    oauth_start    spg_oauth_start    2
oauth_callback oauth_callback spg_oauth_callback 2
upload         upload         spg_upload         1 --check
upload_control upload         spg_upload         2 --threads 4
dashboard      dashboard      spg_dashboard      4
creator        creator        spg_creator        2
deletion       deletion       spg_deletion       2
privacy        privacy        spg_privacy        2
pull           pull           spg_pull           4
support        support        spg_support        2
tiktok_webhook tiktok_webhook spg_tiktok_webhook 2
"
cron_programs="publisher importer exporter mailer janitor"

# A request that each socket must answer with something else than "restarting".
probe_table="
GET  /healthz
GET  /privacy
GET  /deletion
GET  /support
GET  /oauth/start
GET  /oauth/callback
HEAD /uploads/0
PATCH /uploads/0
GET  /api/v1/accounts/0/creator-info
GET  /pull/0
POST /hooks/tiktok
"

# Copies programs and files out of checkout and build directory: the users who run and read them
# need no access there, and a later build does not disturb what is running.
app_install() {
	local program
	install -d -m 0755 "$dir/app" "$dir/app/bin"
	for program in $(awk 'NF { print $2 }' <<< "$fastcgi_table" | sort -u) $cron_programs media spgctl; do
		[[ -x $build/$program ]] ||
			die "there is no program $build/$program" \
				"build it: meson setup $build && ninja -C $build"
		copy_file "$build/$program" "$dir/app/bin/$program"
	done
	copy_folder "$repo/nginx" "$dir/app/nginx"
	copy_folder "$repo/static" "$dir/app/static"
	if [[ -d $build/static-vendor ]]; then
		copy_folder "$build/static-vendor" "$dir/app/static-vendor"
	else
		mkdir -p "$dir/app/static-vendor"
	fi
	if $with_sandbox; then
		copy_folder "$repo/tests/sandbox" "$dir/app/sandbox"
	fi
}

# What a program finds in its environment: nothing but the name of its configuration, and what test
# builds obey (sanitizer options, failpoints) where the caller has set it.
program_environment() {
	local name
	environment=("PATH=/usr/bin:/bin" "SPG_CONFIG=$dir/spg.conf")
	for name in ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS TSAN_OPTIONS SPG_FAILPOINT; do
		[[ ! -v $name ]] || environment+=("$name=${!name}")
	done
}

# A line that changes whenever a program has to be started anew.
program_fingerprint() {
	local program=$1
	shift
	echo "$* ${environment[*]} $(cat "$dir/app/bin/$program" "$dir/spg.conf" "$dir"/secret/* | sha256sum | cut -d' ' -f1)"
}

# listen_and_run NAME SOCKET OWNER GROUP COUNT USER PROGRAM ARGUMENTS...: spawn-fcgi binds the
# socket and hands it over as descriptor 0; multiwatch keeps COUNT processes on it and does not
# give up, however often they die.
listen_and_run() {
	local name=$1 socket=$2 owner=$3 group=$4 count=$5 user=$6 program=$7
	local as_user_command environment
	local -a access=(-M 0660 -G "$group")
	shift 7
	# root already owns what it makes, and spawn-fcgi does not accept its name
	[[ $owner == root ]] || access+=(-U "$owner")
	as_user_args "$user"
	program_environment
	service_start "$name" "$(program_fingerprint "$program" "$socket" "$count" "$@")" "$dir/log/$name.log" \
		spawn-fcgi -n -s "$socket" "${access[@]}" -- \
		"${as_user_command[@]}" env -i "${environment[@]}" \
		multiwatch -r 1000000 -f "$count" -- "$dir/app/bin/$program" "$@"
}

programs_start() {
	local name program user count arguments
	listen_and_run media "$media_socket" spg_media spg-store 1 spg_media media
	while read -r name program user count arguments; do
		[[ -n $name ]] || continue
		# shellcheck disable=SC2086  # arguments are words
		listen_and_run "$name" "$dir/run/$name.sock" root www-data "$count" "$user" "$program" $arguments
	done <<< "$fastcgi_table"
}

# Asks each program something through nginx; shows the log of one that does not answer.
programs_probe() {
	local method path name probe_status deadline=$((SECONDS + 30)) failed=
	while read -r method path; do
		[[ -n $method ]] || continue
		if ! wait_until $((deadline > SECONDS ? deadline - SECONDS : 0)) probe_answers "$method" "$path"; then
			failed=yes
			if [[ $probe_status == 000 ]]; then
				probe_status="no answer"
			fi
			echo "quickstart: $method $path: $probe_status" >&2
		fi
	done <<< "$probe_table"
	if [[ -n $failed ]]; then
		while read -r name _; do
			[[ ! -s $dir/log/$name.log ]] || { echo "--- end of $dir/log/$name.log"; grep -v '^Spawning' "$dir/log/$name.log" | tail -n 3 || true; } >&2
		done <<< "$fastcgi_table"
		die "not every program answers" "their logs are in $dir/log"
	fi
}

probe_answers() {
	probe_status=$(http_status "$1" "$2")
	[[ $probe_status != 000 && $probe_status != 503 && $probe_status != 504 ]]
}

# Replaces this process by a program, as its own user.
program_exec() {
	local program=$1 user=spg_$1 as_user_command environment
	shift
	[[ -f $dir/spg.conf ]] || die "$dir holds no quick start" "start it: deploy/quickstart --dir $dir"
	[[ -x $dir/app/bin/$program ]] || die "no program '$program'" "there are: $(cd "$dir/app/bin" && echo *)"
	# becomes a user of its own by itself, but for what only root may do
	[[ $program != spgctl ]] || user=root
	id -u "$user" >/dev/null 2>&1 || die "there is no user $user"
	as_user_args "$user"
	program_environment
	# who did it stands in the record
	[[ $program != spgctl ]] || environment+=("SUDO_USER=${SUDO_USER:-$(id -un)}")
	cd /
	umask 0077
	exec "${as_user_command[@]}" env -i "${environment[@]}" "$dir/app/bin/$program" "$@"
}
