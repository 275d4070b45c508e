import { connectKube } from '../cluster/kubernetes/api.ts';
import { readKeyCommand, runKeyCommand } from '../platform/encryption/key-command.ts';
import { addKey, KeyFileError, removeOldKeys } from '../platform/encryption/key-file.ts';
import { readKeyUse } from '../platform/encryption/key-rotation.ts';
import { platformSettings } from '../platform/settings.ts';
import { createPrisma } from '../prisma/client.ts';
import { createLog } from '../service/log.ts';
import { keepSecrets } from './keep-secrets.ts';
import { readSettings } from './settings.ts';

/** What the operator does to the keys of a cluster, inside of the installer's pod: nobody else may write these Secrets. The kubelets bring them to the processes within a minute or two. */
async function main(args: string[]): Promise<void> {
  const settings = readSettings();
  const command = readKeyCommand(args, 'node installer/encryption-key.ts', 'the Secret master-key');
  const db = createPrisma(settings.DATABASE_URL, 1);
  try {
    const use = await readKeyUse({ db, settings: platformSettings({ ...settings, SLIPWAY_KEY_FILE: '', SLIPWAY_DOMAIN: '' }) });
    let said = '';
    await keepSecrets(connectKube({ kubeconfig: settings.KUBECONFIG ?? null }), settings, createLog('installer'), (there) => {
      const text = there['master-key']?.['master.key'];
      if (text === undefined) throw new KeyFileError('There is no Secret master-key: install the platform first.');
      const changed = command.name === 'add' ? addKey(text) : removeOldKeys(text, use, command);
      said = 'keyId' in changed ? `The key ${changed.keyId} is in the Secret master-key. Back it up, and rotate to it: slipway encryption-key:rotate\n` : `Taken out of the Secret master-key: ${changed.removed.join(', ')}.\n`;
      return { ...there, 'master-key': { 'master.key': changed.text } };
    });
    process.stdout.write(said);
  } finally {
    await db.$disconnect();
  }
}

runKeyCommand(main(process.argv.slice(2)));
