# Backs up a scratch database to a scratch repository and drills the backup: that the image does its work on this cluster, as the
# pods of runs do. Touches nothing of the release. $1: an empty folder.
cd "$1"
node --disable-warning=ExperimentalWarning --eval '
  const { DatabaseSync } = require("node:sqlite");
  const database = new DatabaseSync("scratch.sqlite");
  database.exec("CREATE TABLE visits (id INTEGER PRIMARY KEY, note TEXT)");
  const insert = database.prepare("INSERT INTO visits (note) VALUES (?)");
  for (let number = 1; number <= 1000; number += 1) insert.run(`visit ${number}`);
  database.close();
'
export HOLDFAST_REPOSITORY="file://$1/repository" HOLDFAST_SOURCE="sqlite://$1/scratch.sqlite"
export HOLDFAST_REPOSITORY_KEY_FILE="$1/repository.key" HOLDFAST_RECIPIENTS_FILE="$1/recipients.txt" HOLDFAST_IDENTITY_FILE="$1/identity.txt"
holdfast keygen
holdfast init
holdfast backup
holdfast drill latest
