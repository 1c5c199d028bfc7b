# What DIR remembers: its port, --set values and secrets; and DIR/spg.conf made of them.

# Takes --set values and the port over those of earlier runs: $dir/settings has KEY=VALUE lines.
# An empty value forgets what was set before.
settings_load() {
	local line
	declare -gA settings=()
	if [[ -f $dir/settings ]]; then
		while IFS= read -r line; do
			settings[${line%%=*}]=${line#*=}
		done < "$dir/settings"
	fi
	for line in "${set_options[@]}"; do
		if [[ -n ${line#*=} ]]; then
			settings[${line%%=*}]=${line#*=}
		else
			unset "settings[${line%%=*}]"
		fi
	done
	port=${port_option:-$(cat "$dir/port" 2>/dev/null || echo 8080)}
}

settings_save() {
	local key
	for key in "${!settings[@]}"; do
		printf '%s=%s\n' "$key" "${settings[$key]}"
	done | sort | write_file 0600 root:root "$dir/settings"
	echo "$port" | write_file 0644 root:root "$dir/port"
}

# The sandbox's port: kept once chosen; the first free one, well away from where a neighbour's
# nginx would be.
sandbox_choose_port() {
	local candidate
	sandbox_port=$(cat "$dir/sandbox/port" 2>/dev/null || true)
	[[ -z $sandbox_port ]] || return 0
	for ((candidate = port < 50000 ? port + 10000 : port - 10000; candidate < 65000; candidate++)); do
		if ! port_answers "$candidate"; then
			sandbox_port=$candidate
			echo "$sandbox_port" | write_file 0644 root:root "$dir/sandbox/port"
			return
		fi
	done
	die "no free port for the sandbox"
}

# The secrets of this installation, each made once and never replaced.
secrets_ensure() {
	local secret=$dir/secret
	install -d -m 0711 "$secret"
	[[ -s $secret/client_key ]] ||
		random_hex 10 | sed 's/^/sbaw/' | write_file 0644 root:root "$secret/client_key"
	[[ -s $secret/client_secret ]] ||
		random_hex 20 | write_file 0640 root:spg-secret "$secret/client_secret"
	chown root:spg-secret "$secret/client_secret"
	chmod 0640 "$secret/client_secret"

	[[ -s $secret/record_key ]] || random_hex 32 | write_file 0640 root:spg-record "$secret/record_key"
	chown root:spg-record "$secret/record_key"
	chmod 0640 "$secret/record_key"

	if [[ ! -s $secret/token_secret_key || ! -s $secret/token_public_key ]]; then
		# A pair is of use only when both halves were written.
		rm -f "$secret/token_secret_key" "$secret/token_public_key"
		(umask 077 && "$dir/app/bin/spgctl" keys make --public "$secret/token_public_key" \
			--secret "$secret/token_secret_key") ||
			die "spgctl could not make the key pair for tokens"
	fi
	chown root:spg-tokens "$secret/token_secret_key"
	chmod 0640 "$secret/token_secret_key"
	chmod 0644 "$secret/token_public_key"
}

random_hex() {
	od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'
	echo
}

# Writes DIR/spg.conf: what follows from DIR and port, then what --set says.
config_write() {
	local -a order=()
	local -A config=()
	local key value
	while IFS='=' read -r key value; do
		order+=("$key")
		config[$key]=$value
	done <<-END
		public_url=http://127.0.0.1:$port
		database=host=$dir/run/postgresql dbname=spg
		media_dir=$dir/media
		media_socket=$dir/run/media.sock
		drop_dir=$dir/drop
		tiktok_client_key=$(cat "$dir/secret/client_key")
		tiktok_client_secret_file=$dir/secret/client_secret
		token_public_key_file=$dir/secret/token_public_key
		token_secret_key_file=$dir/secret/token_secret_key
		record_key_file=$dir/secret/record_key
		support_email=support@example.org
		operator_name=Quick start
	END
	if $with_sandbox; then
		for key in tiktok_auth_url tiktok_api_url; do
			order+=("$key")
			config[$key]=http://127.0.0.1:$sandbox_port
		done
		order+=(live_demo)
		config[live_demo]=yes
	fi
	while IFS= read -r key; do
		[[ -n $key ]] || continue
		[[ -v config[$key] ]] || order+=("$key")
		config[$key]=${settings[$key]}
	done < <(printf '%s\n' "${!settings[@]}" | sort)

	{
		echo "# Written by deploy/quickstart at each run; change it by --set KEY=VALUE."
		for key in "${order[@]}"; do
			printf '%s = %s\n' "$key" "${config[$key]}"
		done
	} | write_file 0640 root:spg-config "$dir/spg.conf.new"
	config_check "$dir/spg.conf.new"
	mv "$dir/spg.conf.new" "$dir/spg.conf"
	public_url=${config[public_url]}
	media_dir=${config[media_dir]}
	media_socket=${config[media_socket]}
	drop_dir=${config[drop_dir]}
}

# Ends the quick start before anything is changed if the programs would refuse that configuration.
config_check() {
	local words status=0
	words=$(as_user spg_publisher env -i "SPG_CONFIG=$1" "$dir/app/bin/publisher" --check 2>&1) || status=$?
	[[ $status -eq 1 ]] || return 0
	rm -f "$1"
	die "the programs refuse this configuration; nothing was changed" \
		"$(sed 's/^.*config_bad file=[^ ]* //; s/^line=[0-9]* //; 2,$s/^/  /' <<< "$words")" \
		"deploy/spg.conf.example lists the keys; --set KEY= goes back to the default"
}

# The media folders: only the store group changes them, the media group may see them.
media_ensure() {
	local folder
	mkdir -p "$media_dir"
	chown spg_janitor:spg-media "$media_dir"
	chmod 0750 "$media_dir"
	for folder in parts videos frames; do
		mkdir -p "$media_dir/$folder"
		chown spg_janitor:spg-store "$media_dir/$folder"
		chmod 2771 "$media_dir/$folder"
	done
	mkdir -p "$media_dir/exports"
	chown spg_janitor:spg_exporter "$media_dir/exports"
	# sticky: nginx, in the group in order to look, can remove none
	chmod 3771 "$media_dir/exports"
	# The folders of users in it are made by whoever lets them in.
	mkdir -p "$drop_dir"
}
