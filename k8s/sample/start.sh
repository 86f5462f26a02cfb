# A PostgreSQL server from the programs of the job image. $1: the folder of its data; $2: of the password and the shop.
programs=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
if [ ! -e "$1.ready" ]; then
  rm -rf "$1" # Of a start that did not come to its end.
  "$programs/initdb" --pgdata="$1" --username=postgres --pwfile="$2/password" --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
  echo 'host all all all scram-sha-256' >> "$1/pg_hba.conf"
  echo 'CREATE DATABASE shop;' | "$programs/postgres" --single -D "$1" postgres
  "$programs/postgres" --single -j -D "$1" shop < "$2/shop.sql"
  touch "$1.ready"
fi
exec "$programs/postgres" -D "$1" -c listen_addresses='*' -c unix_socket_directories=/tmp
