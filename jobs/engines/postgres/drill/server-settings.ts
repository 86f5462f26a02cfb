const MiB = 1024 * 1024;

export interface ServerSettingsOptions {
  readonly sockets: string;
  readonly port: number;
  readonly connections: number;
}

/**
 * Settings of a server whose data nobody needs after the drill, and which must fit into a small container: nothing is
 * synced, no WAL is kept that only crashes or replicas need, nothing runs by itself. All else is PostgreSQL's default, so that a
 * restore takes about the time that it takes elsewhere.
 */
export function serverSettings({ sockets, port, connections }: ServerSettingsOptions): [name: string, value: string][] {
  const available = process.availableMemory();
  return [
    ['listen_addresses', ''],
    ['unix_socket_directories', sockets],
    ['unix_socket_permissions', '0700'],
    ['port', String(port)],
    ['cluster_name', 'holdfast drill'],
    // A restore takes a connection a table and pg_restore as many again; the drill itself a few.
    ['max_connections', String(20 + connections * 3)],
    // pg_dump locks every table and every sequence in one transaction.
    ['max_locks_per_transaction', '2048'],
    ['fsync', 'off'],
    ['full_page_writes', 'off'],
    ['synchronous_commit', 'off'],
    ['wal_level', 'minimal'],
    ['max_wal_senders', '0'],
    ['max_wal_size', '1GB'],
    ['checkpoint_timeout', '1h'],
    ['autovacuum', 'off'],
    ['max_logical_replication_workers', '0'],
    ['jit', 'off'],
    ['huge_pages', 'off'],
    // Containers have 64 MiB of /dev/shm, which parallel index builds would fill.
    ['dynamic_shared_memory_type', 'mmap'],
    ['shared_buffers', kibibytes(clamp(available / 8, 32 * MiB, 256 * MiB))],
    ['maintenance_work_mem', kibibytes(clamp(available / 8 / connections, 16 * MiB, 64 * MiB))],
    // Broken processes mean that the drill cannot go on: say so instead of starting over.
    ['restart_after_crash', 'off'],
    ['logging_collector', 'off'],
    ['log_destination', 'stderr'],
    ['log_line_prefix', '%e '],
    ['log_min_messages', 'warning'],
    // Statements hold rows.
    ['log_min_error_statement', 'panic'],
    ['lc_messages', 'C'],
    ['timezone', 'UTC'],
    ['log_timezone', 'UTC'],
  ];
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function kibibytes(bytes: number): string {
  return `${Math.floor(bytes / 1024)}kB`;
}
