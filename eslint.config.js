import tseslint from 'typescript-eslint';

/** What of `src/` may use the real clock, disk, network and chance: the adapters behind its ports. */
const ADAPTERS = [
  'src/support/system-*.ts',
  'src/support/file*.ts',
  'src/transport/https/**',
  'src/payload/disk*.ts',
  'src/journal/level*.ts',
];

const PORT_FIRST = 'The core gets clock, network, disk and chance handed in (docs/ARCHITECTURE.md, "Ports").';

/** @param {string[]} names */
const restricted = (names) => names.map((name) => ({ name, message: PORT_FIRST }));

/** @param {string} object @param {string[]} properties */
const properties = (object, ...properties) =>
  properties.map((property) => ({ object, property, message: PORT_FIRST }));

/** A file or function longer than this is about more than one thing. */
const LONGEST_FILE = 300;
const LONGEST_FUNCTION = 60;

export default tseslint.config(
  {
    ignores: [
      'dist/',
      '.demo/',
      'node_modules/',
      'coverage/',
      'examples/',
      'test/fixtures/',
      'test/node-red-5/',
    ],
  },
  ...tseslint.configs.recommended.map((entry) => ({ ...entry, files: ['**/*.js', '**/*.mjs', '**/*.cjs'] })),
  // What Node-RED or Node loads by `require` itself.
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  ...tseslint.configs.strictTypeChecked.map((entry) => ({ ...entry, files: ['**/*.ts', '**/*.mts'] })),
  {
    files: ['**/*.ts', '**/*.mts'],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // The ports are asynchronous; an adapter that happens to be synchronous keeps their shape.
      '@typescript-eslint/require-await': 'off',
      'no-empty': ['error', { allowEmptyCatch: false }],
    },
  },
  {
    files: ['src/**/*.ts', 'nodes/**/*.ts'],
    rules: {
      'no-console': 'error',
      'max-lines': ['error', { max: LONGEST_FILE, skipBlankLines: true }],
      'max-lines-per-function': ['error', { max: LONGEST_FUNCTION, skipBlankLines: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ADAPTERS,
    rules: {
      'no-restricted-globals': [
        'error',
        ...restricted(['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'performance', 'process']),
      ],
      'no-restricted-properties': ['error', ...properties('Date', 'now'), ...properties('Math', 'random')],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: PORT_FIRST },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: restricted(
            [
              'fs',
              'fs/promises',
              'timers',
              'timers/promises',
              'http',
              'https',
              'http2',
              'tls',
              'dns',
              'os',
            ].flatMap((name) => [name, `node:${name}`]),
          ),
        },
      ],
    },
  },
);
