/** What statfs(2) calls file systems of other machines: NFS, SMB, CIFS, SMB2, 9p, Ceph, AFS, and whatever FUSE stands for. */
const networkFileSystems = new Set([0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x0102_1997, 0x00c3_6400, 0x5346_414f, 0x6573_5546]);

/** Whether locks of other machines' programs may not be seen on a file system of this type (`fs.statfs`). */
export function isNetworkFileSystem(type: number): boolean {
  return networkFileSystems.has(type);
}
