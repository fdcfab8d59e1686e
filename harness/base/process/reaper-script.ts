// The program of the reaper, in POSIX sh, as text: so it runs the same from a checkout and from a published
// package, and needs neither a file on disk nor Node. It reads lines until the pipe closes, which the kernel does
// however the harness ends, and then removes everything still registered.
//
//   +folder /path   +process <pid> <start time>   +call <mark>   +label key=value   +mount /path   (- takes it back)

export const reaperScript: string = String.raw`
trap '' INT TERM HUP
newline='
'
entries=$newline
while IFS= read -r line; do
  entry=\${line#?}
  case $line in
    +*) entries=$entries$entry$newline ;;
    -*)
      case $entries in
        *"$newline$entry$newline"*)
          entries=\${entries%%"$newline$entry$newline"*}$newline\${entries#*"$newline$entry$newline"} ;;
      esac ;;
  esac
done

started_at() { # field 22 of /proc/<pid>/stat; the command name before it may hold anything
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  # shellcheck disable=SC2086 # its fields, each one word
  set -- \${stat##*) }
  shift 19 && echo "$1"
}
kill_process() { # pid, start time; a number that cannot be this process any more is left alone
  case $1 in ''|0|1|*[!0-9]*) return 0 ;; esac
  [ ! -e /proc/self/stat ] || [ "$(started_at "$1")" = "$2" ] || return 0
  kill -s KILL -- "-$1" 2>/dev/null
  kill -s KILL "$1" 2>/dev/null
}
kill_marked() { # a server started a moment before the harness ended was perhaps not registered yet
  # shellcheck disable=SC2013 # a path in /proc is one word
  for found in $(grep -lszxF -- "FALKORDRILL_ENGINE_FOLDER=$1" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${found#/proc/}
    kill -s KILL "\${pid%/environ}" 2>/dev/null
  done
}
kill_call() { # twice, because what it started meanwhile has the mark too
  case $1 in ''|*[!0-9]*) return 0 ;; esac
  for _ in 1 2; do
    # shellcheck disable=SC2013 # a path in /proc is one word
    for found in $(grep -ls "^Max file locks  *$1 " /proc/[0-9]*/limits 2>/dev/null); do
      pid=\${found#/proc/}
      kill -s KILL "\${pid%/limits}" 2>/dev/null
    done
  done
}
docker_api() { # method, path: for machines that have the socket and not the command
  curl --silent --max-time 20 --unix-socket /var/run/docker.sock --request "$1" "http://docker$2"
}
remove_labelled() {
  case $1 in falkordrill.?*=?*) ;; *) return 0 ;; esac
  if command -v docker >/dev/null 2>&1; then
    for id in $(docker ps --all --quiet --filter "label=$1" 2>/dev/null); do
      docker rm --force --volumes "$id" >/dev/null 2>&1
    done
  elif command -v curl >/dev/null 2>&1; then
    # shellcheck disable=SC2020 # each comma and each brace begins a line
    for id in $(docker_api GET "/containers/json?all=1&filters=%7B%22label%22%3A%5B%22$1%22%5D%7D" 2>/dev/null |
      tr ',{' '\n\n' | sed -n 's/^"Id":"\([0-9a-f]*\)".*/\1/p'); do
      docker_api DELETE "/containers/$id?force=1&v=1" >/dev/null 2>&1
    done
  fi
}
each() { # kind, what to call with the rest of each entry of that kind
  rest=\${entries#?}
  while [ -n "$rest" ]; do
    entry=\${rest%%"$newline"*}
    rest=\${rest#*"$newline"}
    case $entry in
      "$1 "*) "$2" "\${entry#* }" ;;
    esac
  done
}
is_ours() { # whatever was registered, only folders with our name are touched
  case $1 in /*) ;; *) return 1 ;; esac
  case \${1##*/} in falkordrill-?*) ;; *) return 1 ;; esac
}
process_entry() { kill_process "\${1%% *}" "\${1#* }"; }
folder_processes() { is_ours "$1" && kill_marked "$1"; }
unmount() { # only mounts inside a folder of ours
  is_ours "\${1%/*}" && umount --lazy -- "$1" 2>/dev/null
}
remove_folder() {
  is_ours "$1" || return 0
  rm -rf -- "$1" 2>/dev/null || { sleep 1; rm -rf -- "$1"; }
}
each process process_entry
each call kill_call
each folder folder_processes
# A container that was being created when the harness ended appears a moment later.
case $entries in
  *"\${newline}label "*) for _ in 1 2 3; do each label remove_labelled; sleep 1; done ;;
esac
each mount unmount
each folder remove_folder
`.replaceAll("\\${", "${");
