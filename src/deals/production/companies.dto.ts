import { IsEmail, IsIn, IsInt, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';

/** Body of `PUT /admin/companies/:id`. */
export class PutCompany {
  @IsString() @MinLength(1) @MaxLength(200) name!: string;
  @IsEmail() email!: string;
  @IsIn(['verified', 'pending', 'unverified', 'rejected']) verificationStatus!: string;
  /** Projects the company works on now (R000-50). */
  @IsInt() @Min(0) @Max(100_000) activeProjectsCount: number = 0;
}

/** A production company as the tenant knows it. */
export class CompanyView extends PutCompany {
  id!: string;
}
