# setup: installs the Debian packages of packages.txt and the npm packages of web/ and tests/,
# and asks the host what sandboxes need. Everything is skipped when it is there already.

node_major_needed=20
tools_folder=build/tools

# packages.txt, one name a line, comments after '#'.
wanted_packages() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' packages.txt | awk '{print $1}'; }

missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | awk '$1 == "ii" {print $2}' | sort -u)
  comm -23 <(wanted_packages | sort -u) <(printf '%s\n' "$installed")
}

apt_install() {
  quietly build/logs/apt.log as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "$@"
}

setup_debian() {
  command -v dpkg-query >/dev/null || die "this script knows Debian 12; here is no dpkg. Install what packages.txt lists by hand."
  local missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  quietly build/logs/apt-update.log as_root apt-get update
  apt_install "${missing[@]}"
}

node_is_recent() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$node_major_needed" ]
}

# Debian 12 has Node 18, which Vite does not run on. It is enough to fetch a newer one from npm.
setup_node() {
  local folder=$PWD/$tools_folder/node_modules machine
  if [ -d "$folder/npm" ]; then
    export PATH=$folder/.paddock-bin:$PATH
  fi
  node_is_recent && return
  say "installing Node"
  command -v npm >/dev/null || apt_install nodejs npm
  case "$(dpkg --print-architecture)" in
    amd64) machine=x64 ;;
    arm64) machine=arm64 ;;
    *) die "no Node build is known for $(dpkg --print-architecture): install Node $node_major_needed or newer by hand" ;;
  esac
  mkdir -p "$tools_folder"
  quietly build/logs/node.log npm install --prefix "$tools_folder" --no-audit --no-fund \
    "node-linux-$machine@22" npm@11
  mkdir -p "$folder/.paddock-bin"
  ln -sf "$folder/node-linux-$machine/bin/node" "$folder/.paddock-bin/node"
  ln -sf "$folder/npm/bin/npm-cli.js" "$folder/.paddock-bin/npm"
  ln -sf "$folder/npm/bin/npx-cli.js" "$folder/.paddock-bin/npx"
  export PATH=$folder/.paddock-bin:$PATH
  node_is_recent || die "Node $node_major_needed or newer could not be installed; see build/logs/node.log"
}

# npm ci where the lock file has changed since the last time.
setup_npm_folder() {
  local folder=$1 stamp sum
  [ -f "$folder/package-lock.json" ] || return 0
  stamp=build/stamps/npm-${folder//\//-}
  sum=$(sha256sum "$folder/package-lock.json" | cut -d' ' -f1)
  [ -d "$folder/node_modules" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
  say "installing the npm packages of $folder"
  quietly "build/logs/npm-${folder//\//-}.log" npm ci --prefix "$folder" --no-audit --no-fund
  mkdir -p build/stamps
  printf '%s\n' "$sum" >"$stamp"
}

dev_setup() {
  mkdir -p build
  setup_debian
  setup_node
  setup_npm_folder web
  setup_npm_folder tests/browser
  setup_npm_folder tests/oidc
}

# What a sandbox host must have; each missing thing with the way to mend it.
check_host() {
  [ "$(uname -s)" = Linux ] || die "sandboxes need Linux"
  [ "$(uname -m)" = x86_64 ] || warn "Paddock is tested on x86_64 only; this is $(uname -m)"
  [ -e /proc/self/ns/user ] || die "this kernel has no user namespaces (CONFIG_USER_NS): boot one that has"
  [ "$(cat /proc/sys/user/max_user_namespaces)" -gt 0 ] ||
    die "user namespaces are switched off: sysctl -w user.max_user_namespaces=65536"
  grep -qE ' cgroup2? ' /proc/mounts ||
    die "no cgroups are mounted: mount -t cgroup2 none /sys/fs/cgroup"
  [ -e /dev/loop-control ] || as_root modprobe loop 2>/dev/null || true
  [ -e /dev/loop-control ] || die "no loop devices: modprobe loop (the disks of sandboxes are loop-mounted images)"
}
