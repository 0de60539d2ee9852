#!/bin/sh
# enter-tree.sh TREE COMMAND [ARG …]: runs a command in the checkout of a Debian tree, as on a machine of its own but
# for the network. To be started in a mount namespace of its own (unshare --mount): its mounts go with that.
set -eu
tree=$1
shift
mount --make-rprivate /
# To become the root, the tree has to be a mount.
mount --bind "$tree" "$tree"
cd "$tree"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mkdir -p run/lock former
# Not a chroot: an engine started in one could not give its containers roots of their own.
pivot_root . former
umount -l /former
rmdir /former
cd /root/baleen
exec "$@"
