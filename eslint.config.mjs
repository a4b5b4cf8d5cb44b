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
      complexity: ['error', 9], 'max-depth': ['error', 3], 'max-params': ['error', 4],
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
  { files: ['vitest.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
