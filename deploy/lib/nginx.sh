# The quick start's nginx: a small main file that includes the shipped site.

nginx_configure() {
	local conf=$dir/nginx host name
	install -d -m 0755 "$conf"
	install -d -m 0700 -o www-data "$conf/tmp"
	ln -sfn "$dir/app/nginx" "$conf/spg"
	host=${public_url#*://}
	host=${host%%/*}
	{
		cat <<-END
			user www-data;
			worker_processes 2;
			worker_rlimit_nofile 8192;
			pid $dir/run/nginx.pid;
			error_log $dir/log/nginx-error.log error;
			events {
				worker_connections 4096;
			}
			http {
				default_type application/octet-stream;
				sendfile on;
				client_body_temp_path $conf/tmp/body;
				fastcgi_temp_path $conf/tmp/fastcgi;
				proxy_temp_path $conf/tmp/proxy;
				scgi_temp_path $conf/tmp/scgi;
				uwsgi_temp_path $conf/tmp/uwsgi;

				include spg/http.conf;
				include spg/limits-quickstart.conf;
		END
		awk 'NF { print $1 }' <<< "$fastcgi_table" | while read -r name; do
			printf '\tupstream spg_%s { server unix:%s/run/%s.sock; }\n' "$name" "$dir" "$name"
		done
		cat <<-END

				server {
					listen 127.0.0.1:$port default_server;
					include spg/connection.conf;
					access_log off;
					return 444;
				}
				server {
					listen 127.0.0.1:$port;
					server_name 127.0.0.1 localhost ${host%%:*};
					access_log $dir/log/nginx-access.log spg;
					set \$spg_static $dir/app/static;
					set \$spg_vendor $dir/app/static-vendor;
					set \$spg_media $media_dir;
					set \$spg_errors $dir/app/nginx/errors;
					set \$spg_verification $dir/verification;
					include spg/spg-locations.conf;
				}
			}
		END
	} | write_file 0644 root:root "$conf/nginx.conf"
	nginx -t -q -c "$conf/nginx.conf" -g "daemon off;" 2>> "$dir/log/nginx-error.log" ||
		{ tail -n 5 "$dir/log/nginx-error.log" >&2; die "nginx refuses its configuration" "see $conf/nginx.conf"; }
}

nginx_start() {
	local fingerprint
	# Workers outlive a killed master and hold the port.
	service_is_running nginx || service_stop nginx
	if ! service_is_running nginx && port_answers "$port"; then
		die "port $port is in use" "choose another one: deploy/quickstart --dir $dir --port N"
	fi
	fingerprint=$(cat "$dir/nginx/nginx.conf" "$dir"/app/nginx/*.conf | sha256sum)
	service_start nginx "$fingerprint" "$dir/log/nginx-error.log" \
		nginx -c "$dir/nginx/nginx.conf" -g "daemon off;"
	wait_until 20 port_answers "$port" ||
		{ tail -n 5 "$dir/log/nginx-error.log" >&2; die "nginx did not start" "see $dir/log/nginx-error.log"; }
}
