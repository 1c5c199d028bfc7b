# The private PostgreSQL cluster: DIR/pg, reached by its Unix socket in DIR/run/postgresql only.

postgres_start() {
	local data=$dir/pg/data as_user_command attempt
	install -d -m 0700 -o spg_postgres -g spg_postgres "$dir/pg"
	install -d -m 0755 -o spg_postgres -g spg_postgres "$dir/run/postgresql"
	if [[ ! -f $data/PG_VERSION || ! -f $dir/pg/complete ]]; then
		step "making the database cluster"
		# One that was not finished holds nothing yet.
		rm -rf "$data"
		as_user spg_postgres env -i "PATH=$tool_path" LANG=C.UTF-8 "$pg_bin/initdb" -D "$data" \
			-U spg_postgres --auth=peer --encoding=UTF8 --locale=C.UTF-8 \
			>> "$dir/log/setup.log" 2>&1 ||
			{ tail -n 20 "$dir/log/setup.log" >&2; die "initdb failed" "see $dir/log/setup.log"; }
		touch "$dir/pg/complete"
	fi
	postgres_configure
	as_user_args spg_postgres
	# After a kill the old server's children may hold its memory for a moment: that is worth some tries.
	for attempt in 1 2 3 4 5; do
		service_is_running postgresql || postgres_forget_dead
		service_start postgresql "$(sha256sum < "$dir/pg/postgresql.conf")" "$dir/log/postgresql.log" \
			"${as_user_command[@]}" "$pg_bin/postgres" -D "$data" -c "config_file=$dir/pg/postgresql.conf"
		wait_until 60 postgres_decided
		! postgres_answers || return 0
		sleep 1
	done
	tail -n 5 "$dir/log/postgresql.log" >&2
	die "PostgreSQL did not start" "see $dir/log/postgresql.log"
}

# It answers, or it has given up.
postgres_decided() {
	postgres_answers || ! service_is_running postgresql
}

postgres_answers() {
	as_user spg_postgres "$pg_bin/pg_isready" -q -h "$dir/run/postgresql" -d postgres
}

postgres_configure() {
	write_file 0644 root:root "$dir/pg/postgresql.conf" <<-END
		data_directory = '$dir/pg/data'
		hba_file = '$dir/pg/pg_hba.conf'
		ident_file = '$dir/pg/pg_ident.conf'
		listen_addresses = ''
		unix_socket_directories = '$dir/run/postgresql'
		max_connections = 120
		shared_buffers = 32MB
		max_wal_size = 256MB
		synchronous_commit = on
		jit = off
		timezone = 'UTC'
		log_timezone = 'UTC'
		log_line_prefix = '%m [%p] %u '
		# Values of parameters and rows hold secrets; a log line says which statement failed.
		log_parameter_max_length = 0
		log_parameter_max_length_on_error = 0
		log_error_verbosity = terse
	END
	# Everybody is the role of the same name; root may also be the superuser.
	write_file 0644 root:root "$dir/pg/pg_hba.conf" <<-END
		local all all peer map=spg
	END
	write_file 0644 root:root "$dir/pg/pg_ident.conf" <<-'END'
		spg /^(spg_.*)$ \1
		spg root spg_postgres
	END
}

# Lock files left by a killed server can name a process that has nothing to do with it.
postgres_forget_dead() {
	local file=$dir/pg/data/postmaster.pid pid=
	[[ -f $file ]] || return 0
	read -r pid < "$file" || true
	if [[ -n $pid ]] && tr '\0' ' ' 2>/dev/null < "/proc/$pid/cmdline" | grep -qF -- "-D $dir/pg/data"; then
		step "ending a database server of an earlier run"
		kill -INT "$pid" 2>/dev/null || true
		wait_until 20 test ! -e "/proc/$pid" || die "the database server $pid does not end"
	fi
	rm -f "$file" "$dir"/run/postgresql/.s.PGSQL.*
}

# Roles, database and schema, up to date.
postgres_migrate() {
	local log=$dir/log/setup.log
	local -a connection=(env -i "PATH=$tool_path" "PGHOST=$dir/run/postgresql" PGUSER=spg_postgres LANG=C.UTF-8)
	"${connection[@]}" "$repo/deploy/migrate" --roles --dir "$repo/sql/migrations" "dbname=spg" >> "$log" 2>&1 ||
		{ tail -n 20 "$log" >&2; die "the database could not be brought up to date" "see $log" \
			"another --dir begins with an empty database"; }
}
