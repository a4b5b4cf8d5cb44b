import tseslint from 'typescript-eslint';

const outside = ['@aws-sdk/*', '@aws-lambda-powertools/*', '@middy/*', 'aws-cdk-lib', 'aws-cdk-lib/*', 'constructs', 'node:*', '!node:crypto', '!node:zlib', '**/functions/**', '**/infra/**'];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'cdk.out', '.bedside', '**/*.mjs', '**/*.cjs'] },
  tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { project: ['./tsconfig.json', './tsconfig.infra.json'] } } },
  {
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'name what you export' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // A port's generic read names what its caller expects; the store can not know.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Nine branches of thought; the rule also counts every `??` and `?.` that noUncheckedIndexedAccess asks for.
      complexity: ['error', 16], 'max-depth': ['error', 4], 'max-params': ['error', 5],
    },
  },
  {
    files: ['shared/**/*.ts', 'models/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: outside, message: 'shared/ and models/ are pure' }] }],
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout'],
      'no-restricted-syntax': ['error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'take the clock as an argument' },
        { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'take the clock as an argument' },
        { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: 'take the generator as an argument' }],
    },
  },
  {
    files: ['functions/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs', '**/infra/**'], message: 'functions/ do not know how they are deployed' }] }] },
  },
  {
    files: ['infra/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['**/functions/**'], message: 'infra/ names an entry file, it does not import it' }] }] },
  },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'max-params': 'off' } },
  // Values of templates and of foreign JSON: written as text where the next reader takes text.
  { files: ['infra/local/**/*.ts', 'scripts/**/*.ts'], rules: { '@typescript-eslint/no-base-to-string': 'off' } },
  { files: ['functions/_platform/bundled-files.d.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['vitest.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
