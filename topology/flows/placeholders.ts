/** The placeholders that templates, shells and other programs fill, anywhere in a text. Nothing fills them here. */
const anywhere: readonly RegExp[] = [
  /\$\{[^}]*\}/,
  /\$\([^)]*\)/,
  /#\{[^}]*\}/,
  /\{\{.*?\}\}/s,
  /\{%.*?%\}/s,
  /<%.*?%>/s,
  /%\([A-Za-z_]\w*\)[sd]/,
  /\{(?:[A-Za-z_][\w.-]*|\d+)\}/,
];

/** The placeholders that count only where they are the whole text: `<store>`, `$STORE`, `:store`, `@store@`, `__STORE__`. */
const whole: readonly RegExp[] = [
  /^<[A-Za-z][\w .-]*>$/,
  /^\$[A-Za-z_]\w*$/,
  /^:[A-Za-z_]\w*$/,
  /^@[A-Za-z][\w.]*@$/,
  /^__[A-Z][A-Z0-9_]*__$/,
  /^(?:change|replace|fix)[ _-]?me$/i,
];

/** The placeholder in a text that is taken as it stands, or undefined. */
export function placeholderIn(text: string): string | undefined {
  return firstAnywhere(text) ?? first(whole, text.trim());
}

/** The placeholder in a query, within its texts or outside of them, or undefined. */
export function placeholderInQuery(query: string): string | undefined {
  const texts = query.match(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g) ?? [];
  const found = firstAnywhere(query) ?? texts.map((text) => first(whole, text.slice(1, -1).trim())).find(Boolean);
  if (found !== undefined || !query.includes("$")) return found;
  // `$args.color` of the query language before DQL, `$STORE` of a shell.
  return first([/\$[A-Za-z_][\w.]*/], query.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ""));
}

/** Most queries of a large topology have none of the signs that every one of these has. */
function firstAnywhere(text: string): string | undefined {
  return /[{$%]/.test(text) ? first(anywhere, text) : undefined;
}

function first(patterns: readonly RegExp[], text: string): string | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match) return match[0];
  }
  return undefined;
}
