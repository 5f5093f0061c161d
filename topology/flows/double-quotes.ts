import { conditionsOf, doubleQuotedNames, type Expression } from "../../dql/index.ts";

/** The names in double quotes of a query, apart by what their place says that they are meant as. */
export interface DoubleQuoted {
  /** They stand where a text is expected, as in `color = "blue"`. */
  readonly texts: ReadonlySet<string>;
  /** They stand where a field is expected, as in `"color" = 'blue'`. */
  readonly fields: ReadonlySet<string>;
}

export function doubleQuoted(text: string, expression: Expression): DoubleQuoted {
  const names = new Set(text.includes('"') ? doubleQuotedNames(text) : []);
  const nameOf = (side: Expression) => (side.kind === "field" && side.path.length === 1 ? side.path[0] : undefined);
  const quoted = (side: Expression) => {
    const name = nameOf(side);
    return name !== undefined && names.has(name) ? [name] : [];
  };
  const texts = new Set<string>();
  for (const condition of names.size === 0 ? [] : conditionsOf(expression)) {
    if (condition.kind === "comparison") {
      const { left, right } = condition;
      // A literal beside it is the text, so that the name is a field.
      const [name] = left.kind === "literal" || right.kind === "literal" ? [] : [...quoted(right), ...quoted(left)];
      if (name !== undefined) texts.add(name);
    } else if (condition.kind === "like") for (const name of quoted(condition.pattern)) texts.add(name);
    else if (condition.kind === "in") for (const name of condition.values.flatMap(quoted)) texts.add(name);
  }
  return { texts, fields: new Set([...names].filter((name) => !texts.has(name))) };
}
