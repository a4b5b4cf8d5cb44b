/** Accounts that hold SageMaker's built-in XGBoost image, by region. Source: Amazon SageMaker AI Developer Guide, "Docker Registry Paths and Example Code". */
const REGISTRY_ACCOUNT: Readonly<Record<string, string>> = {
  'us-east-1': '683313688378', 'us-east-2': '257758044811', 'us-west-1': '746614075791', 'us-west-2': '246618743249', 'ca-central-1': '341280168497',
  'eu-west-1': '141502667606', 'eu-west-2': '764974769150', 'eu-west-3': '659782779980', 'eu-central-1': '492215442770', 'eu-north-1': '662702820516', 'eu-south-1': '978288397137',
  'ap-northeast-1': '354813040037', 'ap-northeast-2': '366743142698', 'ap-south-1': '720646828776', 'ap-southeast-1': '121021644041', 'ap-southeast-2': '783357654285', 'sa-east-1': '737474898029',
};

export type ContainerImage = Readonly<{ uri: string; repositoryArn: string }>;

/** @throws Error naming the regions where the image is, when this is not one */
export const xgboostImage = (region: string, version = '1.7-1'): ContainerImage => {
  const account = REGISTRY_ACCOUNT[region];
  if (account === undefined) throw new Error(`region ${region} has no known XGBoost image, want one of ${Object.keys(REGISTRY_ACCOUNT).join(', ')}`);
  return { uri: `${account}.dkr.ecr.${region}.amazonaws.com/sagemaker-xgboost:${version}`, repositoryArn: `arn:aws:ecr:${region}:${account}:repository/sagemaker-xgboost` };
};
