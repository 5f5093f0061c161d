/** Format of the generated shared token of a playground: letters and digits, since people copy it into configuration files and URLs. */
export const generatedToken = { length: 40, special: false } as const;
