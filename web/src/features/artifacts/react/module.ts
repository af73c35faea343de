/** Runs a compiled module in the frame: what it imports, and what of its exports is the component. */

export type Run = (
  require: (name: string) => unknown,
  module: { exports: Record<string, unknown> },
  exports: Record<string, unknown>,
) => void;

/** What the module exports. Throws `Missing` with everything that it imports in vain, else what it throws itself. */
export function load(run: Run, modules: Record<string, unknown>): Record<string, unknown> {
  const missing = new Set<string>();
  let loaded = false;
  const require = (name: string) => {
    if (Object.hasOwn(modules, name)) return modules[name];
    if (loaded) throw new Missing([name]);
    missing.add(name);
    return {};
  };
  const module = { exports: {} as Record<string, unknown> };
  try {
    run(require, module, module.exports);
  } catch (error) {
    // without what it imports it may fail in any way
    if (missing.size === 0) throw error;
  }
  loaded = true;
  if (missing.size > 0) throw new Missing([...missing]);
  return module.exports;
}

export class Missing extends Error {
  constructor(readonly names: string[]) {
    super(`Not available: ${names.join(", ")}`);
  }
}

/** The export that is shown: the default one, else the first that has a component's name. */
export function shownOf(exports: Record<string, unknown>): unknown {
  const named = Object.entries(exports).find(([name, value]) => /^[A-Z]/.test(name) && isComponent(value));
  return exports.default ?? named?.[1];
}

/** A function, a class, or what `memo` and its like make. */
const isComponent = (value: unknown) => typeof value === "function" || Object(value).$$typeof !== undefined;

/** A module that says so when something is asked of it that it does not have: models make up names of icons. */
export function strict<T extends object>(name: string, module: T): T {
  return new Proxy(module, {
    get(target, key) {
      if (typeof key === "string" && /^[A-Z]/.test(key) && !(key in target))
        throw new Error(`${name} has no "${key}".`);
      return Reflect.get(target, key);
    },
  });
}
