import { getMetadataStorage } from 'class-validator';

type Storage = ReturnType<typeof getMetadataStorage>;
type Rules = ReturnType<Storage['getTargetValidationMetadatas']>;
type Class = Parameters<Storage['getTargetValidationMetadatas']>[0];

/**
 * class-validator looks through the rules of all classes each time it checks a document, to find those that its class has and inherits: with
 * the classes of this service that was a quarter of what a request left to the garbage collector. A class has all its rules once it is
 * declared, so they are looked for once. Harmless when called again.
 */
export function rememberRules(storage = getMetadataStorage()): void {
  if (remembering.has(storage)) return;
  remembering.add(storage);
  const find = storage.getTargetValidationMetadatas.bind(storage);
  const group = storage.groupByPropertyName.bind(storage);
  const rules = new WeakMap<Class, Rules>();
  const groups = new WeakMap<Rules, ReturnType<typeof group>>();
  storage.getTargetValidationMetadatas = (target, schema, always, strictGroups, named) => {
    // A document may call itself anything: only classes are kept.
    const plain = typeof target === 'function' && !schema && !always && !strictGroups && !named;
    if (!plain) return find(target, schema, always, strictGroups, named);
    const found = rules.get(target) ?? find(target, schema, always, strictGroups, named);
    rules.set(target, found);
    return found;
  };
  storage.groupByPropertyName = (found) => {
    const grouped = groups.get(found) ?? group(found);
    groups.set(found, grouped);
    return grouped;
  };
}

const remembering = new WeakSet<Storage>();
