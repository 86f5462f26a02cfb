import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate (PEM) for 127.0.0.1, which signed itself, and its key. */
export async function makeCertificate(folder: string): Promise<{ readonly certificateFile: string; readonly certificate: string; readonly key: string }> {
  const [certificateFile, keyFile] = [join(folder, 'api-server.crt'), join(folder, 'api-server.key')];
  await promisify(execFile)('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile, '-out', certificateFile,
    '-days', '2', '-subj', '/CN=kubernetes', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc',
  ]);
  return { certificateFile, certificate: await readFile(certificateFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
}
