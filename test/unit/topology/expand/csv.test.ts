import fc from "fast-check";
import { expect, test } from "vitest";
import { csvFile } from "../../../../topology/expand/csv.ts";

const cell = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\n", " ", "#", "a") }));
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

test("a table is read as RFC 4180 has it, and each row and cell is found where it stands", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 8 }), (rows) => {
      const lines = rows.map(([a, b]) => `${quoted(`n${a}`)},${quoted(`n${b}`)}`);
      const text = ["name,store", ...lines, ""].join("\n");
      const table = csvFile("t.csv", text, {});
      // A carriage return at the end of a line is a part of the line's end.
      const plain = rows.every((row) => row.every((each) => !/[\r{]/.test(each)));
      fc.pre(plain);
      expect(table.findings).toEqual([]);
      expect(table.rows.map(({ values }) => [...values.values()])).toEqual(rows.map(([a, b]) => [`n${a}`, `n${b}`]));
      let first = 2;
      for (const [index, line] of lines.entries()) {
        const count = line.split("\n").length;
        expect(table.rows[index]?.locate().line).toBe(first);
        if (count === 1) {
          const { column, endColumn = 0 } = table.rows[index]?.locate("store") ?? { column: 0 };
          const shown = text.split("\n")[first - 1]?.slice(column - 1, endColumn - 1) ?? "";
          expect(shown.startsWith("n")).toBe(true);
        }
        first += count;
      }
    }),
  );
});

test("the last line may lack its end, and lines of Windows are lines", () => {
  const { rows } = csvFile("t.csv", "name,store\r\na,1\r\nb,2", {});
  expect(rows.map(({ values, locate }) => [values.get("store"), locate("store")])).toEqual([
    ["1", { file: "t.csv", line: 2, column: 3, endColumn: 4 }],
    ["2", { file: "t.csv", line: 3, column: 3, endColumn: 4 }],
  ]);
});
