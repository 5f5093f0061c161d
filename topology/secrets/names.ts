/**
 * True if a name is that of a secret, however it is spelt: `clientSecret`, `client-secret`, `CLIENT_SECRET` and `clientsecret` are one
 * name here. What only speaks of a secret (`passwordFile`, `tokenUrl`, `secretName`) is none. The one judge of names for the rule
 * `plain-secret` and for all that is printed: who adds a name adds it for both.
 */
export function isSecretName(name: string): boolean {
  const joined = name.replace(/[^a-zA-Z0-9]/g, "").toLowerCase();
  if (!holds(name, joined)) return false;
  const about = description.exec(joined);
  return about === null || !holds(name, joined.slice(0, about.index));
}

/** True if a name is that of a plain property, so that it is none of a secret even where it stands below the name of one. */
export function isDescription(name: string): boolean {
  return description.test(name.replace(/[^a-zA-Z0-9]/g, "").toLowerCase());
}

/** True if what stands below a name are the names of a Secret and of a key in it. */
export function isReference(name: string): boolean {
  return /(refs?|selector|reference|valueFrom|keyFrom|secretFrom)$/i.test(name);
}

/** The words that make a name that of a secret, anywhere in it. */
const nouns = new RegExp(
  [
    "passw(?:or)?ds?",
    "passwort",
    "passphrases?",
    "passcode",
    "pwd",
    "tokens?(?!i[sz]|bucket)",
    "credentials?",
    "(?:private|priv|secret|secretaccess|access|account|api|auth|encryption|signing|master|shared|ssh|hmac|session|deploy|licen[sc]e|subscription)keys?(?!id)",
    "keydata",
    "connection(?:string|str)",
    "connstr",
    "kubeconfig$",
    "htpasswd",
    "pgpass",
    "(?:db|user|smtp|root|admin|redis|sasl|ldap|mysql)pass$",
    "bearer$",
    "authorization$",
  ].join("|"),
);

/** Words that are too short to be looked for inside of others. */
const words = /(?:^|[^a-z])(?:pwd|pass|creds?|jwt|passwd)$/;

/** `secret` at the end is one, unless it names an object that holds it: `pullSecret: registry`, as charts and the operator write it. */
const secret = /(?<!existing|pull|tls|ca|certs?|certificate|trust|trusted|inband|k8s|kubernetes|target)secret$/;
/** A plural counts only if the word before it leaves no doubt: `secrets` and `imagePullSecrets` list objects. */
const secrets = /(?:client|shared|webhook|hmac|signing|api|session|cookie|o?auth|user|app|consumer|access)secrets$/;

const description =
  /(?:names?|refs?|selector|path|file|filename|dir|urls?|uri|endpoint|hosts?|port|ttl|expiry|expires(?:in|at|after)?|expiration|lifetime|duration|timeout|interval|length|size|count|limit|ids?|type|kind|enabled|disabled|required|policy|mode|rotation|issuer|audience|algorithm|format|header|provider|source|namespace|mount|volume|claims?|version|field|prefix|suffix|template|class|scopes?|strategy|service|seconds|minutes|hours|days|username|user)$/;

function holds(name: string, joined: string): boolean {
  // `password1` and `TOKEN_2` are the second of their kind.
  const plain = joined.replace(/\d+$/, "");
  if (nouns.test(plain) || secret.test(plain) || secrets.test(plain)) return true;
  const spaced = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/\d+$/, "")
    .toLowerCase();
  return joined.length === name.replace(/[^a-zA-Z0-9]/g, "").length && words.test(spaced);
}
