import { describe, expect, it } from '@jest/globals';
import { readKeys } from '../../src/repository/keys.ts';
import { initRepository, openRepository } from '../../src/repository/repository.ts';
import { backUp, codeFrom, newKeys, newRepository, readBack, signal } from './repository-fixture.ts';
import { verify } from './verify/verify-fixture.ts';
import { createMemoryStore } from './memory-store.ts';
import { headKey } from '../../src/repository/manifest/object-keys.ts';

const none = readKeys({});

function document(store: ReturnType<typeof createMemoryStore>): Record<string, unknown> {
  return JSON.parse(store.objects.get('repository.json')?.bytes.toString() ?? '') as Record<string, unknown>;
}

describe('a new repository', () => {
  it('is refused where there is one', async () => {
    const store = createMemoryStore();
    await newRepository(store);
    const before = store.objects.get('repository.json');
    expect(await codeFrom(newRepository(store))).toBe('REPOSITORY_EXISTS');
    expect(store.objects.get('repository.json')).toBe(before);
  });

  it('is refused where backups lie whose repository.json is gone', async () => {
    const store = createMemoryStore();
    await backUp(await newRepository(store), ['rows']);
    await store.delete('repository.json', { signal });
    expect(await codeFrom(newRepository(store))).toBe('REPOSITORY_DOCUMENT_MISSING');
    expect(store.objects.has('repository.json')).toBe(false);
  });

  it('is made once, however many make it at the same time', async () => {
    const store = createMemoryStore();
    const ends = await Promise.all(Array.from({ length: 10 }, async () => codeFrom(newRepository(store))));
    expect(ends.filter((end) => end === 'no error')).toHaveLength(1);
    expect(ends.filter((end) => end === 'REPOSITORY_EXISTS')).toHaveLength(9);
  });

  it('records that its store does not hold conditions, and looks before it writes', async () => {
    const store = Object.assign(createMemoryStore(), { detectConditionalPut: async () => false });
    store.putIfAbsent = async (key, content, options) => store.put(key, content, options);
    expect((await newRepository(store)).conditionalPut).toBe(false);
    expect((await openRepository(store, { keys: none, signal })).conditionalPut).toBe(false);
    expect(await codeFrom(newRepository(store))).toBe('REPOSITORY_EXISTS');
  });

  it('needs a repository key and recipients when it is to be encrypted', async () => {
    const keys = newKeys();
    for (const incomplete of [{ ...keys, recipients: [] }, { recipients: keys.recipients, identities: [] }]) {
      const init = initRepository(createMemoryStore(), { encryption: { kind: 'age', keys: incomplete }, now: new Date(), signal });
      expect(await codeFrom(init)).toBe('REPOSITORY_KEYS_INCOMPLETE');
    }
  });

  it('shows no key in repository.json', async () => {
    const store = createMemoryStore();
    const keys = newKeys();
    await newRepository(store, keys);
    const text = store.objects.get('repository.json')?.bytes.toString() ?? '';
    expect(text).not.toContain(keys.repositoryKey?.export().toString('hex'));
    expect(text).not.toContain(keys.repositoryKey?.export().toString('base64'));
  });
});

describe('opening a repository', () => {
  it('says where there is none', async () => {
    expect(await codeFrom(openRepository(createMemoryStore(), { keys: none, signal }))).toBe('REPOSITORY_NOT_FOUND');
  });

  it('refuses another key, other recipients, and keys for one that is not encrypted', async () => {
    const store = createMemoryStore();
    const keys = newKeys();
    await newRepository(store, keys);
    const other = newKeys();
    const open = async (given: typeof keys) => codeFrom(openRepository(store, { keys: given, signal }));
    expect(await open(keys)).toBe('no error');
    expect(await open(other)).toBe('REPOSITORY_KEY_MISMATCH');
    expect(await open({ ...keys, recipients: other.recipients })).toBe('REPOSITORY_RECIPIENTS_MISMATCH');
    expect(await open({ ...keys, recipients: [...keys.recipients, ...other.recipients] })).toBe('REPOSITORY_RECIPIENTS_MISMATCH');
    expect(await open(none)).toBe('REPOSITORY_KEY_REQUIRED');
    expect(await open({ recipients: [], identities: other.identities })).toBe('DECRYPTION_REFUSED');

    const plain = createMemoryStore();
    await newRepository(plain);
    expect(await codeFrom(openRepository(plain, { keys, signal }))).toBe('REPOSITORY_NOT_ENCRYPTED');
  });

  it('recovers the repository key from an identity alone', async () => {
    const store = createMemoryStore();
    const keys = newKeys();
    const head = await backUp(await newRepository(store, keys), ['rows of a table']);
    const opened = await openRepository(store, { keys: { recipients: [], identities: keys.identities }, signal });
    expect(await readBack(opened, head)).toEqual(['rows of a table']);
  });

  it('needs recipients to write and an identity to read', async () => {
    const store = createMemoryStore();
    const keys = newKeys();
    const head = await backUp(await newRepository(store, keys), ['rows']);
    const { repositoryKey, recipients, identities } = keys;
    if (!repositoryKey) throw new Error('the fixture makes one');
    const writer = await openRepository(store, { keys: { repositoryKey, recipients, identities: [] }, signal });
    const reader = await openRepository(store, { keys: { repositoryKey, recipients: [], identities }, signal });
    expect(await codeFrom(backUp(writer, ['more rows']))).toBe('no error');
    expect(await codeFrom(readBack(writer, head))).toBe('REPOSITORY_IDENTITY_REQUIRED');
    expect(await codeFrom(backUp(reader, ['rows']))).toBe('REPOSITORY_RECIPIENTS_REQUIRED');
    expect(await readBack(reader, head)).toEqual(['rows']);
  });

  it('says that a newer format needs a newer version, and that a changed document is damaged', async () => {
    const store = createMemoryStore();
    await newRepository(store);
    const original = document(store);
    const openChanged = async (content: string) => {
      await store.put('repository.json', Buffer.from(content), { signal });
      return codeFrom(openRepository(store, { keys: none, signal }));
    };
    expect(await openChanged(JSON.stringify({ ...original, format: 2, news: true }))).toBe('REPOSITORY_FORMAT_NEWER');
    expect(await openChanged(JSON.stringify({ ...original, createdAt: '2020-01-01T00:00:00Z' }))).toBe('REPOSITORY_DAMAGED');
    expect(await openChanged(JSON.stringify(original).slice(0, -5))).toBe('REPOSITORY_DAMAGED');
    expect(await openChanged('')).toBe('REPOSITORY_DAMAGED');
  });

  it('tells a changed document from another key where an identity proves the key', async () => {
    const store = createMemoryStore();
    const keys = newKeys();
    await newRepository(store, keys);
    await store.put('repository.json', Buffer.from(JSON.stringify({ ...document(store), createdAt: '2020-01-01T00:00:00Z' })), { signal });
    const openWith = async (given: Parameters<typeof openRepository>[1]['keys']) => codeFrom(openRepository(store, { keys: given, signal }));
    expect(await openWith(keys)).toBe('REPOSITORY_DAMAGED');
    expect(await openWith({ recipients: [], identities: keys.identities })).toBe('REPOSITORY_DAMAGED');
    expect(await openWith({ ...keys, identities: [] })).toBe('REPOSITORY_KEY_MISMATCH');
    expect(await openWith({ ...newKeys(), identities: keys.identities })).toBe('REPOSITORY_KEY_MISMATCH');
  });

  it('neither backs up nor verifies under the document of another repository with the same key', async () => {
    const keys = newKeys();
    const [store, other] = [createMemoryStore(), createMemoryStore()];
    const head = await backUp(await newRepository(store, keys), ['rows']);
    const otherHead = await backUp(await newRepository(other, keys), ['other rows']);
    const [own, foreign] = await Promise.all([store, other].map((each) => each.get('repository.json', { signal })));
    if (!own || !foreign) throw new Error('both were made');
    await store.put('repository.json', foreign, { signal });
    const replaced = await openRepository(store, { keys, signal });
    expect(await codeFrom(backUp(replaced, ['more rows']))).toBe('REPOSITORY_REPLACED');
    expect(await codeFrom(verify(replaced))).toBe('REPOSITORY_REPLACED');
    await store.put('repository.json', own, { signal });
    const restored = await openRepository(store, { keys, signal });
    expect(await readBack(restored, head)).toEqual(['rows']);
    // One foreign head among its own is only that one's damage.
    await store.put(headKey(otherHead), await other.get(headKey(otherHead), { signal }), { signal });
    expect(await codeFrom(backUp(restored, ['more rows']))).toBe('no error');
  });

  it('does not accept a store that was exchanged for one without encryption', async () => {
    const store = createMemoryStore();
    await newRepository(store);
    expect(await codeFrom(openRepository(store, { keys: newKeys(), signal }))).toBe('REPOSITORY_NOT_ENCRYPTED');
  });
});
