import fc from "fast-check";

/** Secrets as users plant them: by every name, in every spelling, in every form in which a value of a topology can hold one. */

/** The words of names that are secrets. */
export const secretNames: readonly string[][] = [
  ["client", "secret"],
  ["secret", "access", "key"],
  ["private", "key"],
  ["client", "key", "data"],
  ["refresh", "token"],
  ["credentials"],
  ["password"],
  ["passwd"],
  ["passphrase"],
  ["api", "key"],
  ["access", "token"],
  ["bearer", "token"],
  ["shared", "token"],
  ["token"],
  ["secret", "key"],
  ["account", "key"],
  ["shared", "access", "key"],
  ["connection", "string"],
  ["signing", "key"],
  ["webhook", "secret"],
  ["sasl", "jaas", "password"],
];

const capital = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

export const spellings: Readonly<Record<string, (words: readonly string[]) => string>> = {
  camel: (words) => words.map((word, index) => (index === 0 ? word : capital(word))).join(""),
  pascal: (words) => words.map(capital).join(""),
  kebab: (words) => words.join("-"),
  snake: (words) => words.join("_"),
  upper: (words) => words.join("_").toUpperCase(),
  "upper in one": (words) => words.join("").toUpperCase(),
  "lower in one": (words) => words.join(""),
  dotted: (words) => words.join("."),
  "of something": (words) => `kafka${words.map(capital).join("")}`,
  "variable of something": (words) => `KAFKA_${words.join("_").toUpperCase()}`,
  "the second": (words) => `${words.join("_")}_2`,
};

/** Whether a name can stand where a form needs one of letters alone. */
type Form = (name: string, secret: string) => unknown;

/** Values that hold a secret by its name. */
export const namedForms: Readonly<Record<string, Form>> = {
  "a field": (name, secret) => ({ [name]: secret }),
  "a nested field": (name, secret) => ({ sink: { options: { [name]: secret } } }),
  "a field below it": (name, secret) => ({ [name]: { production: secret } }),
  "two fields below it": (name, secret) => ({ [name]: { production: { first: secret } } }),
  "a list": (name, secret) => ({ [name]: ["other", secret] }),
  "a field of an item": (name, secret) => ({ sinks: [{ kind: "kafka", [name]: secret }] }),
  "an environment variable": (name, secret) => ({
    env: [
      { name: "LEVEL", value: "info" },
      { name, value: secret },
    ],
  }),
  "an environment variable, the value first": (name, secret) => ({ env: [{ value: secret, name }] }),
  "a header": (name, secret) => ({ header: { name, value: secret } }),
  "an argument": (name, secret) => ({ args: ["--level=info", `--${name}=${secret}`] }),
  "two arguments": (name, secret) => ({ args: ["--level", "info", `--${name}`, secret] }),
  "a command": (name, secret) => ({ command: `run --level info --${name} ${secret} --fast` }),
  "a parameter of a URL": (name, secret) => ({ sink: `https://sink.example.com/in?tenant=7&${name}=${secret}&x=1` }),
  "a connection string": (name, secret) => ({
    sink: `Server=db.example.com;User Id=cdc;${name}=${secret};Encrypt=true`,
  }),
  "a connection string with blanks": (name, secret) => ({
    sink: `host=db.example.com ${name}=${secret} sslmode=require`,
  }),
  JAAS: (name, secret) => ({ jaas: `org.apache.kafka.Login required username="cdc" ${name}="${secret}";` }),
  "JSON in a text": (name, secret) => ({ config: JSON.stringify({ level: "info", [name]: secret, last: 1 }) }),
  "YAML in a text": (name, secret) => ({ config: `level: info\n${name}: ${secret}\nlast: 1\n` }),
  "properties in a text": (name, secret) => ({ config: `level=info\n${name}=${secret}\nlast=1\n` }),
};

/** Values that hold a secret by their form. */
export const shapedForms: Readonly<Record<string, Form>> = {
  "the password of a URL": (_, secret) => ({ sink: `mongodb+srv://cdc:${secret}@mongo.example.com/orders?tls=true` }),
  "the user of a URL": (_, secret) => ({ repository: `https://${secret}@git.example.com/shop.git` }),
  "a password with signs": (_, secret) => ({ sink: `amqp://cdc:${secret}@x/y@mq.example.com:5672` }),
  "a URL in a list": (_, secret) => ({ brokers: ["kafka://a.example.com:9092", `kafka://u:${secret}@b.example.com`] }),
  "a URL without a scheme": (_, secret) => ({ redis: `default:${secret}@redis.example.com:6379` }),
  "Oracle's URL": (_, secret) => ({ sink: `jdbc:oracle:thin:scott/${secret}@//db.example.com:1521/orders` }),
  "a signed URL": (_, secret) => ({ blob: `https://blob.example.com/in?sv=2024&sig=${secret}` }),
  "a bearer's header": (_, secret) => ({ headers: [`Authorization: Bearer ${secret}`] }),
  "a private key": (_, secret) => ({
    tls: {
      crt: "/etc/tls.crt",
      pem: `-----BEGIN EC PRIVATE KEY-----\n${secret}\nAAAA\n-----END EC PRIVATE KEY-----\n`,
    },
  }),
  "a private key on one line": (_, secret) => ({
    tls: { pem: `-----BEGIN PRIVATE KEY-----\\n${secret}\\n-----END PRIVATE KEY-----` },
  }),
};

export const forms: Readonly<Record<string, Form>> = { ...namedForms, ...shapedForms };

/** A name in one of its spellings. Dots divide properties and are no part of an option. */
export const names = fc
  .tuple(fc.constantFrom(...secretNames), fc.constantFrom(...Object.keys(spellings)))
  .map(([words, spelling]) => spellings[spelling]?.(words) ?? "");

/** Long, and of letters and digits alone, so that no output writes it otherwise. */
export const secrets = fc.stringMatching(/^[a-z]{4}[0-9][a-zA-Z0-9]{11}$/).map((text) => `Zq${text}`);
